"""Stale dates: days before the send, not on the weekday that the text names, or not in the calendar.

The zone of a recipient is not known here, so a day is over only if it is over everywhere on earth.
"""

from __future__ import annotations

from datetime import UTC, date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.text_content.dates import Lead, dates_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sendspec.text_content.dates import MonthDay, TextDate

_LAST_ZONE: Final = timedelta(hours=-12)
_SAME_YEAR_DAYS: Final = 300
"""A weekday decides which year is meant, if the day is at most this far away."""
_AGE_DAYS_MAX: Final = {(True, True): 3650, (True, False): 120, (False, True): 400, (False, False): 60}
"""Ages up to which a day is stale: after a word such as until or not, with a year or without.

A day without a year that is longer ago can also be meant in the next year.
"""


class StaleDateKind(StrEnum):
    """The kinds of stale dates; the values are reason codes of the rule."""

    PAST = "past"
    WEEKDAY = "weekday"
    IMPOSSIBLE = "impossible"


class StaleDate(Struct, frozen=True):
    """A stale date from `start` to `end` of a text, and the day that it is, None if it is impossible."""

    kind: StaleDateKind
    start: int
    end: int
    day: date | None


def stale_dates(text: str, at: datetime, *, is_offer: bool) -> Iterator[StaleDate]:
    """Yield the stale dates of a text that is sent at the instant `at`.

    The names of tags in `text` are hidden. In a text that is not an offer, days of the past are usual, so
    only those after a word such as until are stale.
    """
    dates = dates_in(text)
    if not dates:
        return
    today = (at.astimezone(UTC) + _LAST_ZONE).date()
    for found in dates:
        if not found.readings:
            yield StaleDate(StaleDateKind.IMPOSSIBLE, found.start, found.end, None)
            continue
        days = [_day(reading, found.weekday, today) for reading in found.readings]
        fitting = [day for day in days if found.weekday in {None, day.weekday()}]
        if not fitting:
            yield StaleDate(StaleDateKind.WEEKDAY, found.start, found.end, days[0])
        elif _is_over(found, max(fitting), today, is_offer=is_offer):
            yield StaleDate(StaleDateKind.PAST, found.start, found.end, max(fitting))


def _is_over(found: TextDate, day: date, today: date, *, is_offer: bool) -> bool:
    if day >= today or found.is_past or found.lead is Lead.START:
        return False
    is_deadline = found.lead is Lead.DEADLINE
    has_year = all(reading.year is not None for reading in found.readings)
    return (is_deadline or is_offer) and (today - day).days <= _AGE_DAYS_MAX[is_deadline, has_year]


def _day(reading: MonthDay, weekday: int | None, today: date) -> date:
    """Return the day of a reading: without a year the nearest one, if possible on its weekday."""
    years = (today.year - 1, today.year, today.year + 1) if reading.year is None else (reading.year,)
    days = [day for year in years if (day := _date(year, reading.month, reading.day)) is not None]
    near = [
        day
        for day in days
        if weekday == day.weekday() and (reading.year or abs(day - today).days <= _SAME_YEAR_DAYS)
    ]
    return min(near or days or [date(today.year, reading.month, 28)], key=lambda day: abs(day - today))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
