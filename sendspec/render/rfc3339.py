"""Instants and days as specs write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Final

EXAMPLE: Final = "such as 2026-12-01T14:00:00-05:00"

_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})?",
)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NotInstant(ValueError):
    """A text that is no instant; the message completes "'notBefore' …", `hint` is the way out."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def instant(written: str) -> datetime:
    """Read an RFC 3339 instant; its offset is kept.

    Raises:
        NotInstant: where it is something else, has no offset, or does not exist.
    """
    found = _INSTANT.fullmatch(written)
    if found is None:
        raise NotInstant(f"is no instant: {written[:40]!r}", f"write date, time and offset, {EXAMPLE}")
    if found[1] is None:
        raise NotInstant(f"has no offset: {written!r}", f"write which clock it means, {EXAMPLE}")
    try:
        read = datetime.fromisoformat(written.upper())
        read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotInstant(f"does not exist: {written!r}", "check month, day, hour and offset") from None
    return read


def last_instant(written: str) -> datetime:
    """Read an instant, or a day, of which the last microsecond in UTC is meant. Raises NotInstant."""
    if not _DAY.fullmatch(written):
        return instant(written)
    try:
        return datetime.combine(date.fromisoformat(written), time.max, UTC)
    except ValueError:
        raise NotInstant(f"does not exist: {written!r}", "check month and day") from None
