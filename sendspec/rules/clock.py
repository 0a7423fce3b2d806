"""Instants as the API wants them, and what clocks on the ground make of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_HOUR: Final = timedelta(hours=1)
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)
_NOT_PLACES: Final = ("Etc/", "posix/", "right/", "Factory", "localtime")


class NotAnInstant(ValueError):  # noqa: N818 - says what the text is
    """A text that names no instant; the message says why."""


def instant(text: str) -> datetime:
    """Read an RFC 3339 date and time with its offset.

    Raises:
        NotAnInstant: another form, no offset, or a date or time that does not exist.
    """
    found = _RFC_3339.fullmatch(text)
    if found is None:
        raise NotAnInstant("is not a date and time such as 2026-12-01T14:00:00-05:00")
    if found["offset"] is None:
        raise NotAnInstant("has no offset, so it is another instant for every reader")
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise NotAnInstant(f"does not exist: {error}") from None


def is_zone(name: object) -> bool:
    """Whether `name` is a zone of the tz database, such as America/New_York."""
    return isinstance(name, str) and name in available_timezones()


def local_in(when: datetime, zone: str) -> datetime:
    """Give the same instant as the clocks of `zone` show it."""
    return when.astimezone(ZoneInfo(zone))


def in_gap(when: datetime, zone: str) -> bool:
    """Whether `when` is written in an offset of `zone`, as a local time that its clocks skip."""
    before = when.replace(tzinfo=ZoneInfo(zone), fold=0)
    after = before.replace(fold=1)
    skipped = local_in(before.astimezone(UTC), zone).replace(tzinfo=None) != before.replace(tzinfo=None)
    return skipped and when.utcoffset() in {before.utcoffset(), after.utcoffset()}


def is_used_somewhere(when: datetime) -> bool:
    """Whether clocks anywhere have the offset of `when` at that instant.

    Whole hours from -12 to +14 always pass: ships keep them at sea, and nearly all have a zone on
    land that never changes its clocks. True as well where this machine has no tz database.
    """
    offset = when.utcoffset() or timedelta()
    if not offset % _HOUR and _WEST <= offset <= _EAST:
        return True
    zones = _places()
    return not zones or any(local_in(when, zone).utcoffset() == offset for zone in zones)


@cache
def _places() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if not name.startswith(_NOT_PLACES))
