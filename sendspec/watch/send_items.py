"""Items about sends of the specs: what was merged and not sent, and why, and what expires soon."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.compare import accepted, is_sent_in_part, recipients_of
from sendspec.legal_hours import legal_interval, next_legal
from sendspec.model import IdKind, PlanReason, RequestState, Sign
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime
from sendspec.watch.items import WatchItem, WatchReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sendspec.legal_hours import ZoneHours
    from sendspec.model import FileDate, Finding, PlannedSend, Send
    from sendspec.watch.items import WatchLimits

_RUN_DUE: Final = timedelta(hours=1)
"""The time in which a scheduled run sends what is due: until then a short window is not a reason to worry."""


class _Since(NamedTuple):
    """An instant, and whether the true one may be earlier."""

    at: datetime
    is_limit: bool = False


def send_item(  # noqa: PLR0913 - the whole basis of one decision, named
    planned: PlannedSend,
    merged: FileDate | None,
    *,
    blocking: Sequence[Finding],
    waits_for_hours: bool,
    limits: WatchLimits,
    now: datetime,
) -> WatchItem | None:
    """Return why a send of the specs needs a person, None if it does not.

    `merged` is when its campaign file got its present content. `blocking` are the errors that block the
    whole plan. Unknown requests and jobs at the vendor have items of their own.
    """
    if planned.unknown:
        return None
    match planned.sign:
        case Sign.EXPIRED if planned.reason is PlanReason.EXPIRED:
            return _expired(planned, limits, now)
        case Sign.EDITED if not planned.at_vendor:
            since = _merged(merged)
            return _item(WatchReason.EDITED, planned, since) if _is_old(since, limits, now) else None
        case Sign.SEND | Sign.RESUME | Sign.WAITING | Sign.BLOCKED:
            return _left(planned, merged, blocking, _hours(planned, waits=waits_for_hours), limits, now)
    return None


def last_instant(planned: PlannedSend, *, waits_for_hours: bool, now: datetime) -> datetime | None:
    """Return the last instant at which apply may post the rest of a send, None if it has no limit.

    That is its `notAfter`, the `scheduledDate` of a job, or the end of the last legal hours before these.
    """
    return _end(planned.send, _hours(planned, waits=waits_for_hours), now)


def _left(  # noqa: PLR0913, PLR0917 - the whole basis of one decision
    planned: PlannedSend,
    merged: FileDate | None,
    blocking: Sequence[Finding],
    hours: frozenset[ZoneHours],
    limits: WatchLimits,
    now: datetime,
) -> WatchItem | None:
    """Return the item of a send with recipients that are left."""
    send, end = planned.send, _end(planned.send, hours, now)
    closing = end is not None and now < end <= now + limits.closing
    start = now if send.not_before is None else max(now, send.not_before)
    first = next_legal(start, hours)
    # A list that only this machine lacks blocks nothing where apply runs.
    blocked = planned.sign is Sign.BLOCKED and planned.reason is not PlanReason.LIST_ABSENT
    if blocked:
        changed = planned.reason is PlanReason.RECIPIENTS_CHANGED
        reason, since = (WatchReason.PARTIAL if changed else WatchReason.BLOCKED), _merged(merged)
        urgent = closing
    elif first is None or (send.not_after is not None and first >= send.not_after):
        reason, since, urgent = WatchReason.NO_LEGAL_HOUR, _merged(merged), True
    else:
        since = _due(planned, merged, hours)
        reason = WatchReason.PARTIAL if is_sent_in_part(planned) else WatchReason.NEVER_SENT
        reason = WatchReason.BLOCKED if blocking else reason
        urgent = closing and since is not None and now - since.at > _RUN_DUE
    if not urgent and not _is_old(since, limits, now):
        return None
    elsewhere = reason is WatchReason.BLOCKED and not blocked
    return _item(
        reason,
        planned,
        since,
        until=end,
        is_closing=closing,
        rules=_names(finding.rule for finding in blocking) if elsewhere else planned.blocking_rules,
        blocked_by=_names(finding.address for finding in blocking) if elsewhere else None,
    )


def _names(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _expired(planned: PlannedSend, limits: WatchLimits, now: datetime) -> WatchItem | None:
    end = planned.send.not_after
    if end is None or not planned.pending or now - end > limits.forgotten:
        return None
    return _item(WatchReason.EXPIRED, planned, _Since(end), until=end)


def _due(planned: PlannedSend, merged: FileDate | None, hours: frozenset[ZoneHours]) -> _Since | None:
    """Return the first instant at which a run could have sent what is left, None if it is not known."""
    since = _merged(merged)
    record = planned.record if is_sent_in_part(planned) else None
    accepted_at = () if record is None else (request.at for request in accepted(record))
    latest = max((at for at in (planned.send.not_before, *accepted_at) if at is not None), default=None)
    if latest is not None and (since is None or latest >= since.at):
        since = _Since(latest)
    if since is None:
        return None
    first = next_legal(since.at, hours)
    return since if first in (None, since.at) else _Since(first)


def _merged(merged: FileDate | None) -> _Since | None:
    return None if merged is None else _Since(merged.at, merged.is_limit)


def _is_old(since: _Since | None, limits: WatchLimits, now: datetime) -> bool:
    return since is not None and now - since.at > limits.unsent


def _hours(planned: PlannedSend, *, waits: bool) -> frozenset[ZoneHours]:
    """Return the legal hours that apply waits for; the vendor starts a scheduled job."""
    scheduled = planned.send.payload.get("scheduledDate") is not None
    return planned.limits if waits and not scheduled else frozenset()


def _end(send: Send, hours: frozenset[ZoneHours], now: datetime) -> datetime | None:
    ends = [at for at in (send.not_after, _scheduled(send)) if at is not None]
    end = min(ends, default=None)
    if end is None or not hours:
        return end
    start = next_legal(max(now, send.not_before or now), hours)
    interval = None if start is None else legal_interval(start, hours)
    if interval is None or interval.end >= end:
        return end
    after = next_legal(interval.end, hours)
    return interval.end if after is None or after >= end else end


def _scheduled(send: Send) -> datetime | None:
    """Return the date on which the vendor would start the job; a job must be posted before it."""
    scheduled = send.payload.get("scheduledDate")
    if send.endpoint.traits.id_kind is IdKind.JOB and isinstance(scheduled, str):
        with suppress(InvalidDateTime):  # The rule `schedule` reports it.
            return parse_datetime(scheduled)
    return None


def _item(  # noqa: PLR0913 - the data of one item, named
    reason: WatchReason,
    planned: PlannedSend,
    since: _Since | None,
    *,
    until: datetime | None = None,
    is_closing: bool = False,
    rules: tuple[str, ...] = (),
    blocked_by: tuple[str, ...] | None = None,
) -> WatchItem:
    count = None if planned.facts is None else planned.facts.count
    record = planned.record
    own = record.requests if record is not None and record.revision == planned.send.revision else ()
    failed = [request for request in own if request.state is RequestState.NOT_SENT]
    return WatchItem(
        reason=reason,
        address=planned.address,
        since=None if since is None else since.at,
        since_is_limit=since is not None and since.is_limit,
        until=until,
        is_closing=is_closing,
        recipients=None if count is None else recipients_of(count, planned.pending),
        recipients_all=count,
        attempt=max(failed, key=lambda request: request.at, default=None),
        rules=rules,
        blocked_by=blocked_by,
        plan_reason=planned.reason,
    )
