"""Occurrences of one violation over many contacts: a count, and the first three locations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from sendspec.model import Location, Occurrences

LOCATIONS_MAX: Final = 3
_PLURAL_VERBS: Final = {"has": "have", "is": "are", "repeats": "repeat", "starts": "start"}


@dataclass(slots=True)
class ViolationCount:
    """A count of contacts, with the locations of the first three."""

    count: int = 0
    locations: list[Location] = field(default_factory=list)

    def add(self, location: Location) -> None:
        """Count one contact."""
        self.count += 1
        if len(self.locations) < LOCATIONS_MAX:
            self.locations.append(location)

    @classmethod
    def of(cls, occurrences: Occurrences) -> ViolationCount:
        """Return the count of a fact of the audience."""
        return cls(occurrences.count, list(occurrences.locations))

    @property
    def first(self) -> Location:
        """The location of the first contact; there must be one."""
        return self.locations[0]

    def sentence(self, noun: str, verb: str, rest: str, plural: str | None = None) -> str:
        """Return `3 numbers have no country code (also a.csv:3, a.csv:9)`; noun and verb are singular."""
        verb = verb if self.count == 1 else _PLURAL_VERBS[verb]
        return f"{pluralize(self.count, noun, plural)} {verb} {rest}{self.other_locations()}"

    def other_locations(self) -> str:
        """Return '', or the locations after the first as ` (also a.csv:3, a.csv:9 and 17 more)`."""
        others = [f"{location.file}:{location.line}" for location in self.locations[1:]]
        if not others:
            return ""
        more = self.count - len(self.locations)
        return f" (also {', '.join(others)}{f' and {more:,} more' if more else ''})"
