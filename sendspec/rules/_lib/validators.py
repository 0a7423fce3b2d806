"""Validators of option values: each returns what the value must be, or None if it is valid."""

from __future__ import annotations

from typing import Any


def positive_integer(value: Any) -> str | None:
    """Check for an integer from 1."""
    valid = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return None if valid else "must be an integer from 1"


def positive_number(value: Any) -> str | None:
    """Check for a finite number above 0."""
    valid = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")
    return None if valid else "must be a number above 0"


def texts(value: Any) -> str | None:
    """Check for a list of texts that are not blank."""
    valid = isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
    return None if valid else "must be a list of texts"
