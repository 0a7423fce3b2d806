"""Parser of date-times and days as written in specs (RFC 3339)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

from sendspec.lazy_pattern import lazy_pattern

EXAMPLE: Final = "such as 2026-12-01T14:00:00-05:00"

_DATETIME: Final = lazy_pattern(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([0-9]{2}):[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?",
)
_OFFSET: Final = lazy_pattern(r"[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]")
"""RFC 3339, 5.6; Python also accepts +10:60 and returns another instant."""
_HOUR_MAX: Final = "23"
_DAY: Final = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class InvalidDateTime(ValueError):
    """A text that is not a date-time; the message completes "'notBefore' …"."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@lru_cache
def parse_datetime(text: str) -> datetime:
    """Return an RFC 3339 date-time with its offset.

    Raises:
        InvalidDateTime: if `text` is something else, has no offset, or does not exist.
    """
    match = _DATETIME.fullmatch(text)
    if match is None:
        hint = f"write a date, a time and an offset, {EXAMPLE}"
        raise InvalidDateTime(f"is not a date-time: {text[:40]!r}", hint)
    hour, offset = match.groups()
    if offset is None:
        raise InvalidDateTime(f"has no offset: {text!r}", f"add an offset, {EXAMPLE}")
    if _OFFSET.fullmatch(offset) is None:
        hint = "write an offset of at most 23 hours and 59 minutes, such as -05:00"
        raise InvalidDateTime(f"has the offset {offset}, which does not exist", hint)
    absent = InvalidDateTime(f"does not exist: {text!r}", "check month, day, hour and offset")
    if hour > _HOUR_MAX:  # Newer versions of Python take 24:00 for the next day.
        raise absent
    try:
        parsed = datetime.fromisoformat(text.upper())
        parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise absent from None
    return parsed


def parse_until(text: str) -> datetime:
    """Return a date-time, or the last microsecond of a day in UTC; raises InvalidDateTime."""
    if not _DAY.fullmatch(text):
        return parse_datetime(text)
    try:
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    except ValueError:
        raise InvalidDateTime(f"does not exist: {text!r}", "check month and day") from None
