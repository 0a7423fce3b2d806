"""Many contacts, one finding: a count, and the first three places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sendspec.model import Location

EXAMPLES: Final = 3


@dataclass(slots=True)
class Rows:
    """Counts the contacts that something holds for, and remembers where the first three stand."""

    count: int = 0
    locations: list[Location] = field(default_factory=list)

    def add(self, location: Location) -> None:
        """Count one contact."""
        self.count += 1
        if len(self.locations) < EXAMPLES:
            self.locations.append(location)

    @property
    def first(self) -> Location:
        """Where the first one stands; only where there is one."""
        return self.locations[0]

    def also(self) -> str:
        """Say where the others stand: '', or ` (also a.csv:3, a.csv:9 and 17 more)`."""
        others = [f"{location.file}:{location.line}" for location in self.locations[1:]]
        if not others:
            return ""
        more = self.count - len(self.locations)
        return f" (also {', '.join(others)}{f' and {more:,} more' if more else ''})"
