"""Zones of area codes: libphonenumber's, with the corrections of `area_code_corrections.csv`.

Only countries whose mobile numbers have an area code are in it: those of +1, Brazil and Mexico.
Elsewhere, a mobile number does not show where in the country its owner is.
"""

from __future__ import annotations

import os
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sendspec.data_rows import data_rows
from sendspec.phone import load_or_compile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORM: Final = 2
"""Version of the compiled form; raise it with every change of `compiled_area_codes`."""

_AREA_DIGITS_MAX: Final = MappingProxyType({"1": 3, "52": 3, "55": 2})
"""The longest area codes by country code. Source: ITU-T E.164 national numbering plans."""


@cache
def area_code_zones() -> Mapping[str, tuple[str, ...]]:
    """Return the zones of each area code, which is a country code with an area code after it."""
    compiled = load_or_compile(FORM, os.environ, compiled_area_codes, "area-code-zones")
    zones = {**compiled, **corrected_area_codes()}
    return MappingProxyType({prefix: tuple(names) for prefix, names in zones.items()})


def corrected_area_codes() -> dict[str, list[str]]:
    """Return the zones of `area_code_corrections.csv`, which replace libphonenumber's."""
    rows = data_rows("timezones/area_code_corrections.csv")
    return {row["prefix"]: row["zones"].split() for row in rows}


def compiled_area_codes() -> dict[str, list[str]]:
    """Return libphonenumber's zones: for each area code the union of those of all its exchanges.

    An exchange has the zone of the place where the number was issued; a person keeps the number after a
    move within the area code.
    """
    from phonenumbers.tzdata import TIMEZONE_DATA  # noqa: PLC0415 - unnecessary with a cache

    found: dict[str, set[str]] = {}
    for prefix, zones in TIMEZONE_DATA.items():
        code = next((code for code in _AREA_DIGITS_MAX if prefix.startswith(code)), None)
        if code is not None and len(prefix) > len(code):
            area = prefix[: len(code) + _AREA_DIGITS_MAX[code]]
            found.setdefault(area, set()).update(zones, _zones_around(area, code, TIMEZONE_DATA))
    return {area: sorted(zones) for area, zones in found.items()}


def _zones_around(area: str, code: str, data: Mapping[str, Iterable[str]]) -> Iterable[str]:
    """Return the zones of the exchanges of an area code that have no entry of their own.

    They are those of the shortest list of digits that is the area code or contains it, such as 558 for
    5581, but not those of the whole country code.
    """
    around = (area[:length] for length in range(len(area), len(code), -1))
    return next((data[prefix] for prefix in around if prefix in data), ())
