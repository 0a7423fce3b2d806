"""Parser of date-times and days as written in specs (RFC 3339)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Final

EXAMPLE: Final = "such as 2026-12-01T14:00:00-05:00"

_DATETIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})?",
)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class InvalidDateTime(ValueError):
    """A text that is not a date-time; the message completes "'notBefore' …"."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def parse_datetime(text: str) -> datetime:
    """Return an RFC 3339 date-time with its offset.

    Raises:
        InvalidDateTime: if `text` is something else, has no offset, or does not exist.
    """
    match = _DATETIME.fullmatch(text)
    if match is None:
        hint = f"write a date, a time and an offset, {EXAMPLE}"
        raise InvalidDateTime(f"is not a date-time: {text[:40]!r}", hint)
    if match[1] is None:
        raise InvalidDateTime(f"has no offset: {text!r}", f"add an offset, {EXAMPLE}")
    try:
        parsed = datetime.fromisoformat(text.upper())
        parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidDateTime(f"does not exist: {text!r}", "check month, day, hour and offset") from None
    return parsed


def parse_until(text: str) -> datetime:
    """Return a date-time, or the last microsecond of a day in UTC; raises InvalidDateTime."""
    if not _DAY.fullmatch(text):
        return parse_datetime(text)
    try:
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    except ValueError:
        raise InvalidDateTime(f"does not exist: {text!r}", "check month and day") from None
