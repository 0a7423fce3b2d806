"""Durations: values of options such as 24h, and phrases about the time between two texts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from datetime import datetime

_DURATION: Final = re.compile(r"([1-9][0-9]{0,4})(m|h|d)", re.ASCII)
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_HOURS_MIN, _DAYS_MIN = timedelta(minutes=100), timedelta(hours=48)


def duration(value: Any) -> str | None:
    """Check for a duration: a whole number of minutes, hours or days."""
    valid = isinstance(value, str) and _DURATION.fullmatch(value) is not None
    return None if valid else "must be a duration such as 90m, 24h or 7d"


def parse_duration(text: str) -> timedelta:
    """Return the duration of a text that `duration` accepts."""
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
