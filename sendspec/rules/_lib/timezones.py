"""What the clocks of the world make of an instant."""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from datetime import datetime

_HOUR: Final = timedelta(hours=1)
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)
_NOT_PLACES: Final = ("Etc/", "posix/", "right/", "Factory", "localtime")


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
