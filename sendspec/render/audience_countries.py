"""Audience of a send as declared: the countries of its numbers."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Audience
from sendspec.phone import WITHOUT_COUNTRY, numbering_plans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.render.string_renderer import StringRenderer

_NOT_ISO: Final = MappingProxyType({"UK": "GB", "EN": "GB", "USA": "US", "EL": "GR", "SP": "ES"})
"""Codes that people write for countries with another ISO code."""


def render_audience(renderer: StringRenderer, rendered: Mapping[str, Any] | None) -> Audience:
    """Return the declared audience, and add the problems of its countries."""
    countries = tuple((rendered or {}).get("countries", ()))
    known = {*numbering_plans().regions, WITHOUT_COUNTRY} if countries else set()
    for index, country in enumerate(countries):
        path = ("audience", "countries", index)
        if country not in known and not renderer.has_problem(*path):
            renderer.add_problem(path, f"{country!r} is not a country code", _hint(country, known))
    return Audience(countries)


def _hint(country: str, known: set[str]) -> str:
    upper = country.strip().upper()
    code = _NOT_ISO.get(upper, upper)
    return (
        f"did you mean {code!r}?" if code in known else "use ISO 3166 codes of two letters, such as US and CA"
    )
