"""Area codes of the states with hours of their own, from `area_codes.csv`."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.jurisdictions.data_rows import data_rows
from sendspec.timezones import number_zones

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyroaring import BitMap64

_SUBSCRIBER_NUMBERS: Final = 10**7
"""Numbers of one area code. Source: the North American Numbering Plan."""


class AreaCode(NamedTuple):
    """The jurisdiction of an area code, and the time zones of its numbers."""

    jurisdiction: str
    zones: tuple[str, ...]


@cache
def area_codes() -> Mapping[str, AreaCode]:
    """Return the jurisdiction of each area code, with the country code before it, such as 1305."""
    return MappingProxyType(
        {
            row["area_code"]: AreaCode(row["jurisdiction"], number_zones().of(row["area_code"]))
            for row in data_rows("area_codes.csv")
        }
    )


def count_area_codes(numbers: BitMap64) -> dict[str, int]:
    """Return how many of the numbers have each of these area codes, without those that none has."""
    starts = {code: int(code) * _SUBSCRIBER_NUMBERS for code in area_codes()}
    counts = {
        code: numbers.range_cardinality(start, start + _SUBSCRIBER_NUMBERS) for code, start in starts.items()
    }
    return {code: count for code, count in counts.items() if count}
