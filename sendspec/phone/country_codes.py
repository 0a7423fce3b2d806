"""Country codes as people write them: the known ones, and hints for others."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sendspec.phone.code_plan import WITHOUT_COUNTRY
from sendspec.phone.numbering_plans import numbering_plans

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_NOT_ISO: Final = MappingProxyType({"UK": "GB", "EN": "GB", "USA": "US", "EL": "GR", "SP": "ES"})
"""Codes that people write for countries with another ISO code."""


def known_countries() -> set[str]:
    """Return the ISO 3166 codes of all countries with phone numbers, and 001 for numbers without one."""
    return {*numbering_plans().regions, WITHOUT_COUNTRY}


def country_hint(country: str, known: AbstractSet[str]) -> str:
    """Return a hint for a text that is not one of the known countries."""
    upper = country.strip().upper()
    code = _NOT_ISO.get(upper, upper)
    return (
        f"did you mean {code!r}?" if code in known else "use ISO 3166 codes of two letters, such as US and CA"
    )
