"""Window of a send: when its requests start, as far as a rule can know it."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime
from sendspec.timezones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from sendspec.model import CandidateZones, Location, Locations
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_REQUEST_SECONDS: Final = 1
"""The time that a request is assumed to take; the API does not document it."""

_YEAR_MAX: Final = 9990
"""Later local times and hints may be dates that Python cannot represent."""


class SendWindow(Struct, frozen=True):
    """The time from the first until the last request of a send.

    `key` is the property with the start, None for the present time. `not_after` ends the window earlier.
    """

    start: datetime
    end: datetime
    key: str | None
    locations: Locations
    not_after: datetime | None

    @property
    def location(self) -> Location:
        """The location of the value with the start, or of the send."""
        return self.locations.root if self.key is None else self.locations.of(self.key)

    @property
    def duration(self) -> timedelta:
        """The time from the start to the end."""
        return self.end - self.start

    def shown_in(self, zones: Iterable[CandidateZones]) -> tzinfo | None:
        """Return the offset that times are shown with: that of the date in the spec, or of the first zone."""
        return time_zone(next(iter(zones))[0]) if self.key is None else self.start.tzinfo


def window_of(checked_send: CheckedSend, context: RuleContext) -> SendWindow | None:
    """Return the window of a pending send that has not expired; None if its start is not known or too far.

    The present time is the start only on a target that reaches people, and if a ledger was read.
    """
    send = checked_send.send
    scheduled = send.payload.get("scheduledDate")
    if scheduled is not None:
        at = _future(scheduled, context.now)
        return None if at is None else SendWindow(at, at, "scheduledDate", send.locations, None)
    start, key = context.now, None
    if send.not_before is not None and send.not_before > start:
        start, key = send.not_before, "notBefore"
    elif context.offline or not context.target.is_real:
        return None
    if start.year > _YEAR_MAX or (send.not_after is not None and send.not_after <= start):
        return None
    return SendWindow(start, _end(checked_send, start, context), key, send.locations, send.not_after)


def _future(text: object, now: datetime) -> datetime | None:
    """Return a date-time after now; the rule `schedule` reports any other."""
    try:
        at = parse_datetime(text) if isinstance(text, str) else None
    except InvalidDateTime:
        return None
    return at if at is not None and at > now and at.year <= _YEAR_MAX else None


def _end(checked_send: CheckedSend, start: datetime, context: RuleContext) -> datetime:
    """Return the estimated start of the last request; a contact source has one request."""
    rounds = ceil(len(checked_send.comparison.pending) / context.target.concurrency)
    end = start + timedelta(seconds=(rounds - 1) * _REQUEST_SECONDS)
    not_after = checked_send.send.not_after
    return end if not_after is None else min(end, not_after)
