"""A count of contacts with the first locations, so that its memory does not grow."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sendspec.model import LOCATIONS_MAX, Occurrences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sendspec.model import Location


class LocatedCount(Struct):
    """A count of contacts with the locations of the first `LOCATIONS_MAX`."""

    count: int = 0
    locations: list[Location] = field(default_factory=list)

    def add(self, location: Location) -> None:
        """Count one contact."""
        self.count += 1
        if len(self.locations) < LOCATIONS_MAX:
            self.locations.append(location)

    def add_at(self, at: int, location_of: Callable[[int], Location]) -> None:
        """Count the contact at an offset; its location is computed only if it is stored."""
        self.count += 1
        if len(self.locations) < LOCATIONS_MAX:
            self.locations.append(location_of(at))

    def add_all(self, count: int, locations: Iterable[Location]) -> None:
        """Count `count` contacts, of which `locations` yields the first."""
        self.count += count
        if len(self.locations) < LOCATIONS_MAX:
            self.locations += islice(locations, LOCATIONS_MAX - len(self.locations))

    @property
    def is_full(self) -> bool:
        """True if further contacts only count."""
        return len(self.locations) >= LOCATIONS_MAX

    @property
    def occurrences(self) -> Occurrences:
        """The count and the locations as facts."""
        return Occurrences(self.count, tuple(self.locations))

    @property
    def found(self) -> Occurrences | None:
        """The same, None if there are none."""
        return self.occurrences if self.count else None
