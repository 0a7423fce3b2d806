"""What may be wrong with the value of an option; each gives a complaint, or None."""

from __future__ import annotations

from typing import Any


def positive_integer(value: Any) -> str | None:
    """Want an integer from 1."""
    sound = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return None if sound else "must be an integer from 1"


def positive_number(value: Any) -> str | None:
    """Want a number above 0."""
    sound = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")
    return None if sound else "must be a number above 0"
