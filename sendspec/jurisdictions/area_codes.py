"""Area codes of the states with hours of their own, from `area_codes.csv`."""

from __future__ import annotations

from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.data_rows import data_rows
from sendspec.jurisdictions.marketing_hours import jurisdictions
from sendspec.phone import numbering_plans
from sendspec.timezones import number_zones, same_zone, zones_of_country

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyroaring import BitMap64

_CODE_DIGITS: Final = 4

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
            for row in data_rows("jurisdictions/area_codes.csv")
        }
    )


def count_area_codes(numbers: BitMap64) -> dict[str, int]:
    """Return how many of the numbers have each of these area codes, without those that none has."""
    positions = _positions()
    counts: dict[int, int] = {}
    if len(numbers) < len(positions):  # A project may have thousands of lists with few numbers each.
        for number in numbers:
            prefix = number // _SUBSCRIBER_NUMBERS
            if prefix in positions:
                counts[prefix] = counts.get(prefix, 0) + 1
    else:
        for prefix in positions:
            start = prefix * _SUBSCRIBER_NUMBERS
            if found := numbers.range_cardinality(start, start + _SUBSCRIBER_NUMBERS):
                counts[prefix] = found
    return {str(prefix): counts[prefix] for prefix in sorted(counts, key=positions.__getitem__)}


@cache
def _positions() -> Mapping[int, int]:
    """Return the position of each area code in the table."""
    return MappingProxyType({int(code): at for at, code in enumerate(area_codes())})


def prefix_of(number: str) -> str:
    """Return the area code or country code that gives a number hours of its own, '' if none does.

    The first four digits of the number are enough.
    """
    if number[:_CODE_DIGITS] in area_codes():
        return number[:_CODE_DIGITS]
    return next((code for code in country_codes() if number.startswith(code)), "")


@cache
def country_codes() -> Mapping[str, str]:
    """Return the countries with hours of their own by country code, such as FR for 33."""
    plans = numbering_plans()
    countries = {code: plans.regions_of(code)[0] for code in plans.codes}
    return MappingProxyType({code: found for code, found in countries.items() if found in jurisdictions()})


@cache
def zones_of(jurisdiction: str) -> frozenset[str]:
    """Return the time zones of a jurisdiction, without links: those of its area codes, or of a country."""
    codes = [code.zones for code in area_codes().values() if code.jurisdiction == jurisdiction]
    every = chain.from_iterable(codes) if codes else zones_of_country(jurisdiction)
    return frozenset(map(same_zone, every))


def may_be_in(zone: str, jurisdiction: str) -> bool:
    """Return whether a person in a time zone may be in a jurisdiction.

    Names such as Etc/GMT+5 and EST do not name a place, so the person may be anywhere.
    """
    is_place = "/" in zone and not zone.startswith("Etc/")
    return not is_place or same_zone(zone) in zones_of(jurisdiction)
