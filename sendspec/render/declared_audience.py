"""Audience of a send as declared: the countries and time zones of its recipients, and their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.model import Audience
from sendspec.phone import country_hint, known_countries
from sendspec.suggest import did_you_mean
from sendspec.timezones import is_zone, zones_of_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.render.string_renderer import StringRenderer


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
    known = known_countries() if countries else set()
    for index, country in enumerate(countries):
        path = ("audience", "countries", index)
        if country not in known and not renderer.has_problem(*path):
            renderer.add_problem(path, f"{country!r} is not a country code", country_hint(country, known))
