"""Durations: values of options such as 24h, and phrases about the time between two texts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.lazy_pattern import lazy_pattern
from sendspec.rules._lib.option_values import OptionValues

if TYPE_CHECKING:
    from datetime import datetime

_DURATION: Final = lazy_pattern(r"([1-9][0-9]{0,4})(m|h|d)", re.ASCII)
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_HOURS_MIN, _DAYS_MIN = timedelta(minutes=100), timedelta(hours=48)


DURATION: Final = OptionValues(
    "must be a duration such as 90m, 24h or 7d",
    {"type": "string", "pattern": f"^{_DURATION.pattern}$"},
)
"""A whole number of minutes, hours or days."""


def parse_duration(text: str) -> timedelta:
    """Return the duration of a value of `DURATION`."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration")
    return int(found[1]) * _UNITS[found[2]]


def earlier_phrase(earlier: datetime, later: datetime) -> str:
    """Return how long `earlier` is before `later`: `16 h earlier`, or `at the same time`."""
    gap = later - earlier
    if gap < timedelta(minutes=1):
        return "at the same time"
    if gap < _HOURS_MIN:
        return f"{round(gap / _UNITS['m'])} min earlier"
    if gap < _DAYS_MIN:
        return f"{round(gap / _UNITS['h'])} h earlier"
    return f"{pluralize(round(gap / _UNITS['d']), 'day')} earlier"
