"""Time zones: local times and offsets of an instant."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from sendspec.timezones import time_zone, zones_of_places

if TYPE_CHECKING:
    from datetime import datetime

_HOUR: Final = timedelta(hours=1)
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)


def local_in(when: datetime, zone: str) -> datetime:
    """Return the same instant in the local time of `zone`."""
    return when.astimezone(time_zone(zone))


def in_gap(when: datetime, zone: str) -> bool:
    """Return whether `when` has an offset of `zone`, but a local time that its clocks skip."""
    before = when.replace(tzinfo=time_zone(zone), fold=0)
    after = before.replace(fold=1)
    skipped = local_in(before.astimezone(UTC), zone).replace(tzinfo=None) != before.replace(tzinfo=None)
    return skipped and when.utcoffset() in {before.utcoffset(), after.utcoffset()}


def is_used_somewhere(when: datetime) -> bool:
    """Return whether any zone has the offset of `when` at that instant.

    Whole hours from -12 to +14 always pass, because ships use them at sea.
    """
    offset = when.utcoffset() or timedelta()
    if not offset % _HOUR and _WEST <= offset <= _EAST:
        return True
    return any(local_in(when, zone).utcoffset() == offset for zone in zones_of_places())
