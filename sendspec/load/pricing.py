"""Prices of segments in sendspec.yaml."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Pricing, Problem
from sendspec.phone import country_hint, known_countries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import Locations

_DEFAULT: Final = "default"


def read_pricing(value: Mapping[str, Any] | None, locations: Locations) -> Pricing | None:
    """Return the prices of `pricing`, None if it is omitted; its numbers are exact decimals."""
    if value is None:
        return None
    # The shortest text of a floating-point number is the price as written, up to 15 digits.
    prices = {country: Decimal(str(price)) for country, price in value["perSegment"].items()}
    default = prices.pop(_DEFAULT, None)
    return Pricing(value["currency"], prices, default, locations.key("pricing"))


def pricing_problems(value: Mapping[str, Any] | None, locations: Locations) -> Iterator[Problem]:
    """Yield the keys of `perSegment` that are not a country."""
    countries = [] if value is None else [key for key in value["perSegment"] if key != _DEFAULT]
    known = known_countries() if countries else set()
    for country in countries:
        if country not in known:
            location = locations.key("pricing", "perSegment", country)
            yield Problem(location, f"{country!r} is not a country code", country_hint(country, known))
