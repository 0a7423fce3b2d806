"""Candidate zones of phone numbers, and counts of many numbers by them, without a look at each number."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, Final

from sendspec.data_rows import data_rows
from sendspec.phone import numbering_plans
from sendspec.timezones.area_codes import area_code_zones
from sendspec.timezones.tz_database import zones_of_country

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyroaring import BitMap64

Zones = tuple[str, ...]
"""Candidate zones of one person by IANA name, in alphabetical order; none if unknown."""

_DIGITS_MAX: Final = 15
"""The most digits of a phone number (ITU-T E.164)."""

_NUMBER_MAX: Final = 10**_DIGITS_MAX - 1
_FEW: Final = 4
"""So few numbers are faster one by one; a project may have thousands of lists with one or two."""


class NumberZones:
    """The candidate zones of numbers by their first digits: the longest prefix in `zones` decides.

    Prefixes are intervals of numbers that are filled up with zeros to 15 digits, so that one search
    finds the prefix of a number, and one operation counts the numbers of a bitmap that have it.
    """

    def __init__(self, zones: Mapping[str, Zones]) -> None:
        self._starts, self._zones = _intervals(zones)

    def of(self, number: str) -> Zones:
        """Return the candidate zones of a number, digits only; none if it has no country."""
        if not 0 < len(number) <= _DIGITS_MAX or number.startswith("0"):
            return ()
        return self._zones[self._at(int(number) * 10 ** (_DIGITS_MAX - len(number)))]

    def counts(self, numbers: BitMap64) -> dict[Zones, int]:
        """Return how many of `numbers` have the same candidate zones; those without any have ()."""
        if len(numbers) <= _FEW:
            found_zones = [self.of(str(number)) for number in numbers]
            return {zones: found_zones.count(zones) for zones in found_zones}
        counts: dict[Zones, int] = {}
        others = len(numbers)
        for start, stop, zones in self._present(numbers):
            found = numbers.range_cardinality(start, stop)
            counts[zones] = counts.get(zones, 0) + found
            others -= found
        if others:
            counts[()] = counts.get((), 0) + others
        return counts

    def _at(self, filled: int) -> int:
        return bisect_right(self._starts, filled) - 1

    def _present(self, numbers: BitMap64) -> Iterator[tuple[int, int, Zones]]:
        """Yield the ranges of equal length and prefix that contain numbers, with their zones."""
        last = min(numbers.max(), _NUMBER_MAX) if numbers else -1
        position = 0
        while position <= last:
            position = numbers.next_set_bit(position)
            digits = len(str(position))
            if digits > _DIGITS_MAX:
                return
            scale = 10 ** (_DIGITS_MAX - digits)
            at = self._at(position * scale)
            # The next prefix may have more digits than the number, so the range ends after it.
            stop = min(-(-self._starts[at + 1] // scale), 10**digits)
            yield position, stop, self._zones[at]
            position = stop


def _intervals(prefixes: Mapping[str, Zones]) -> tuple[list[int], list[Zones]]:
    """Return the starts of the intervals, ascending, and the zones of each; the last one is without end."""
    starts: list[int] = [0]
    zones: list[Zones] = [()]
    open_until: list[tuple[int, Zones]] = [(10**_DIGITS_MAX, ())]

    def add(start: int, of_prefix: Zones) -> None:
        if starts[-1] == start:
            zones[-1] = of_prefix
        else:
            starts.append(start)
            zones.append(of_prefix)

    def close(until: int) -> None:
        while len(open_until) > 1 and open_until[-1][0] <= until:
            end, _ = open_until.pop()
            add(end, open_until[-1][1])

    for prefix in sorted(prefixes):  # A prefix comes before the longer ones that start with it.
        scale = 10 ** (_DIGITS_MAX - len(prefix))
        start = int(prefix) * scale
        close(start)
        add(start, prefixes[prefix])
        open_until.append((start + scale, prefixes[prefix]))
    close(10**_DIGITS_MAX)
    add(10**_DIGITS_MAX, ())
    return starts, zones


@cache
def number_zones() -> NumberZones:
    """Return the zones of the numbers of all countries."""
    return NumberZones(prefix_zones())


def prefix_zones() -> Mapping[str, Zones]:
    """Return the zones of country codes, of prefixes of other countries in them, and of area codes."""
    plans = numbering_plans()
    main = {code: plans.regions_of(code)[0] for code in plans.codes}
    others = {row["prefix"]: row["country"] for row in data_rows("timezones/country_prefixes.csv")}
    countries = {prefix: zones_of_country(country) for prefix, country in {**main, **others}.items()}
    return {**countries, **area_code_zones()}
