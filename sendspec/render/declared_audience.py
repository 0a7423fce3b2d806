"""Audience of a send as declared: the countries and time zones of its recipients, and their number."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Audience
from sendspec.phone import WITHOUT_COUNTRY, numbering_plans
from sendspec.suggest import did_you_mean
from sendspec.timezones import is_zone, zones_of_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.render.string_renderer import StringRenderer

_NOT_ISO: Final = MappingProxyType({"UK": "GB", "EN": "GB", "USA": "US", "EL": "GR", "SP": "ES"})
"""Codes that people write for countries with another ISO code."""


def render_audience(renderer: StringRenderer, rendered: Mapping[str, Any] | None) -> Audience:
    """Return the declared audience, and add the problems of its countries and time zones."""
    declared = rendered or {}
    countries, zones = (tuple(declared.get(name, ())) for name in ("countries", "timezones"))
    _check_countries(renderer, countries)
    for index, zone in enumerate(zones):
        path = ("audience", "timezones", index)
        if not is_zone(zone) and not renderer.has_problem(*path):
            hint = (
                did_you_mean(zone, zones_of_places())
                or "use names of the tz database, such as America/New_York"
            )
            renderer.add_problem(path, f"{zone!r} is not a time zone", hint)
    return Audience(countries, zones, declared.get("size"))


def _check_countries(renderer: StringRenderer, countries: Sequence[str]) -> None:
    known = {*numbering_plans().regions, WITHOUT_COUNTRY} if countries else set()
    for index, country in enumerate(countries):
        path = ("audience", "countries", index)
        if country not in known and not renderer.has_problem(*path):
            renderer.add_problem(path, f"{country!r} is not a country code", _hint(country, known))


def _hint(country: str, known: set[str]) -> str:
    upper = country.strip().upper()
    code = _NOT_ISO.get(upper, upper)
    return (
        f"did you mean {code!r}?" if code in known else "use ISO 3166 codes of two letters, such as US and CA"
    )
