"""Findings for tests of the formats that show them."""

from __future__ import annotations

from typing import Any

from sendspec.model import Finding, Level, Location


def finding(message: str = "the text is too long", **fields: Any) -> Finding:
    """Return an error of the rule `link`, with other fields if the test names them."""
    values = {
        "rule": "link",
        "reason": "cut",
        "level": Level.ERROR,
        "message": message,
        "location": Location("specs/campaigns/sale.yaml", 7, 3),
        "address": "sale/last-call[en]",
    }
    return Finding(**{**values, **fields})
