"""Many contacts, one finding: a count, and the first three places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sendspec.model import Place

EXAMPLES: Final = 3


@dataclass(slots=True)
class Rows:
    """Counts the contacts that something holds for, and remembers where the first three stand."""

    count: int = 0
    places: list[Place] = field(default_factory=list)

    def add(self, place: Place) -> None:
        """Count one contact."""
        self.count += 1
        if len(self.places) < EXAMPLES:
            self.places.append(place)

    @property
    def first(self) -> Place:
        """Where the first one stands; only where there is one."""
        return self.places[0]

    def also(self) -> str:
        """Say where the others stand: '', or ` (also a.csv:3, a.csv:9 and 17 more)`."""
        others = [f"{place.file}:{place.line}" for place in self.places[1:]]
        if not others:
            return ""
        more = self.count - len(self.places)
        return f" (also {', '.join(others)}{f' and {more:,} more' if more else ''})"
