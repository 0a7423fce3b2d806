"""The time of a send: whether apply may post it at an instant, by its `notBefore` and by legal hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.legal_hours import hours_at

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sendspec.legal_hours import HoursAt, ZoneHours
    from sendspec.model import Send


def is_too_early(send: Send, now: datetime) -> bool:
    """Return whether a send waits for its `notBefore` at `now` (aware)."""
    return send.not_before is not None and now < send.not_before


def is_too_late(send: Send, now: datetime) -> bool:
    """Return whether a send has expired at `now` (aware)."""
    return send.not_after is not None and now >= send.not_after


def hours_of(send: Send, limits: Collection[ZoneHours], now: datetime) -> HoursAt | None:
    """Return the legal hours of a send that apply posts for now, None if nothing limits it.

    A send that waits for its `notBefore` is judged again when it is due; the vendor starts a scheduled job.
    """
    if not limits or is_too_early(send, now) or send.payload.get("scheduledDate") is not None:
        return None
    return hours_at(now, limits)
