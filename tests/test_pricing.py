"""Prices of segments: exact decimals, countries, and what a plan shows of them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from sendspec.formatting import format_money
from sendspec.load import load_project
from sendspec.model import Pricing
from tests.rule_cases import write_project

PRICES = "pricing: {currency: USD, perSegment: {US: 0.0079, CA: 0.0085, NO: 1e-2, 001: 1, default: 0.05}}\n"
CAMPAIGN = """\
campaign: gate-change
purpose: transactional
sends:
  - id: notice
    endpoint: external-consent
    channelQualifier: "148372"
    content: "Your flight now leaves from gate B12."
    contacts: [{phoneNumber: "12125550123"}, {phoneNumber: "14165550123"}, {phoneNumber: "447700900123"}]
  - id: later
    endpoint: external-consent
    channelQualifier: "148372"
    content: "%%NAME%%"
    contacts: [{phoneNumber: "12125550123", personalization: {NAME: "Żółć"}}]
    notBefore: "2036-06-02T09:00:00-05:00"
"""


def test_prices_are_the_numbers_as_written(tmp_path):
    """A price is an exact decimal, without the error of a floating-point number."""
    pricing = load_project(write_project(tmp_path, CAMPAIGN, PRICES)).pricing
    prices = {"US": Decimal("0.0079"), "CA": Decimal("0.0085"), "NO": Decimal("0.01"), "001": Decimal(1)}
    assert pricing == Pricing("USD", prices, Decimal("0.05"))
    assert pricing.price((("US", 3_000_000), ("FR", 1))) == Decimal("23700.05")


def test_a_price_is_not_known_if_a_country_has_none():
    """Countries without segments do not matter; a default is the price of all others."""
    pricing = Pricing("EUR", {"DE": Decimal("0.07")})
    assert pricing.price((("DE", 2), ("FR", 0))) == Decimal("0.14")
    assert pricing.price((("DE", 2), ("FR", 1))) is None
    assert pricing.known_price((("DE", 2), ("FR", 1))) == Decimal("0.14")
    assert pricing.unpriced(["DE", "", "FR"]) == ("", "FR")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00 USD"),
        ("0.0237", "0.0237 USD"),
        ("0.04", "0.04 USD"),
        ("0.045", "0.045 USD"),
        ("0.00001", "0.00 USD"),
        ("0.99996", "1.00 USD"),
        ("1.005", "1.01 USD"),
        ("1234567.891", "1,234,567.89 USD"),
    ],
)
def test_money_has_the_decimals_that_matter(amount, text):
    """Amounts have cents, and below 1 up to four decimals."""
    assert format_money(Decimal(amount), "USD") == text


def test_the_plan_has_prices(cli, tmp_path):
    """The footer has amounts, and the JSON exact decimal numbers."""
    folder = write_project(tmp_path / "specs", CAMPAIGN, PRICES)
    text = cli("plan", str(folder)).out
    assert "3 segments, 0.0664 USD)" in text
    assert "1 later (1 recipient in 1 request, 1 segment, 0.0079 USD)" in text
    plan = json.loads(cli("plan", str(folder), "--format", "json").out)
    assert plan["summary"]["price"] == {"currency": "USD", "now": "0.0664", "later": "0.0079"}
    assert [action["price"] for action in plan["actions"]] == ["0.0079", "0.0664"]


def test_a_plan_without_prices_has_none(cli, tmp_path):
    """Without `pricing` nothing about money is shown, and without a price of a country the sum is null."""
    folder = write_project(tmp_path / "specs", CAMPAIGN)
    plan = json.loads(cli("plan", str(folder), "--format", "json").out)
    assert plan["summary"]["price"] is None
    write_project(folder, CAMPAIGN, "pricing: {currency: USD, perSegment: {US: 0.0079}}\n")
    plan = json.loads(cli("plan", str(folder), "--format", "json").out)
    assert plan["summary"]["price"] == {"currency": "USD", "now": None, "later": "0.0079"}
