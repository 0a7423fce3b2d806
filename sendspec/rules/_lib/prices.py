"""Prices of segments, as findings have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.formatting import format_money

if TYPE_CHECKING:
    from sendspec.model import CountrySegments, Pricing


def price_text(pricing: Pricing | None, segments: CountrySegments) -> str | None:
    """Return the price of segments such as `19.06 USD`, None if it is not known."""
    price = None if pricing is None else pricing.price(segments)
    return None if price is None or pricing is None else format_money(price, pricing.currency)
