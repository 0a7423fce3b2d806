"""Prices of SMS segments by country, in decimal numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from sendspec.model.locations import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sendspec.model.text_facts import CountrySegments


@dataclass(frozen=True, slots=True)
class Pricing:
    """The price of a segment by country of the recipient, an ISO 3166 code, and of any other country.

    `currency` is an ISO 4217 code. `location` is where sendspec.yaml names the prices.
    """

    currency: str
    per_segment: Mapping[str, Decimal]
    default: Decimal | None = None
    location: Location = field(default=Location("sendspec.yaml"), compare=False)

    def price(self, segments: CountrySegments) -> Decimal | None:
        """Return the price of segments by country, None if a country has none."""
        is_known = not self.unpriced(country for country, count in segments if count)
        return self.known_price(segments) if is_known else None

    def known_price(self, segments: CountrySegments) -> Decimal:
        """Return the price of the segments in countries that have one."""
        of_countries = ((self.per_segment.get(country, self.default), count) for country, count in segments)
        return sum((price * count for price, count in of_countries if price is not None), Decimal())

    def unpriced(self, countries: Iterable[str]) -> tuple[str, ...]:
        """Return the countries without a price."""
        if self.default is not None:
            return ()
        return tuple(country for country in countries if country not in self.per_segment)
