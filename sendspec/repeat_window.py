"""The time in which a request of unknown outcome is repeated: not too early, and not too late.

Only the vendor's check of `messageName` prevents that a repetition is a second send job. The check works
if the vendor has processed the attempts before, and still knows their name.
docs/decisions/0038-a-job-is-repeated-after-a-minute-and-within-a-day.md has the reasons.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sendspec.compare import RUN_LOST_AFTER
from sendspec.model import OutcomeReason, PlanReason, RequestState
from sendspec.protocol_limits import (
    CLOCK_DIFFERENCE_SECONDS_MAX,
    REPEAT_AGE_SECONDS_MAX,
    REPEAT_PAUSE_SECONDS_MIN,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sendspec.model import RequestRecord, Target

REPEATED_WITHIN: Final = timedelta(seconds=REPEAT_AGE_SECONDS_MAX)
_CLOCK_DIFFERENCE: Final = timedelta(seconds=CLOCK_DIFFERENCE_SECONDS_MAX)


def repeat_pause_seconds(target: Target) -> float:
    """Return the pause after an attempt that may have been accepted; a sandbox needs none."""
    return REPEAT_PAUSE_SECONDS_MIN if target.is_real else 0.0


def repeat_from(requests: Iterable[RequestRecord], now: datetime, pause_seconds: float) -> datetime | None:
    """Return the earliest time at which a run that read these open requests at `now` may repeat them.

    Return None if immediately. The last attempt ended before `now`, because its run
    recorded the outcome or has ended. So a whole pause from `now` suffices if it is not known when.
    """
    pause = timedelta(seconds=pause_seconds)
    earliest = max((_last_attempt_before(request) + pause for request in requests), default=now)
    return min(earliest, now + pause) if pause and now < earliest else None


def reason_not_to_repeat(requests: Iterable[RequestRecord], now: datetime) -> PlanReason | None:
    """Return why no run may repeat these open requests at `now`, None if one may."""
    requests = tuple(requests)
    if any(is_too_old(request.first_at, now) for request in requests):
        return PlanReason.TOO_OLD_TO_REPEAT
    if any(may_be_posting(request, now) for request in requests):
        return PlanReason.IN_PROGRESS
    return None


def may_be_posting(request: RequestRecord, now: datetime) -> bool:
    """Return whether another run may still post a request, or wait for its answer.

    In a ledger with a lock, a run that can write knows that the runs before it have ended. The time of
    the intent counts, not when this machine first saw it, because a new clone sees every intent now.
    """
    is_shared = request.seen_at is not None
    return is_shared and request.state is RequestState.INTENT and now - request.at < RUN_LOST_AFTER


def is_too_old(first_at: datetime, now: datetime) -> bool:
    """Return whether the vendor may have forgotten the name of an attempt at `first_at`."""
    return now - first_at >= REPEATED_WITHIN


def _last_attempt_before(request: RequestRecord) -> datetime:
    """Return a time at which the last attempt had ended, by the clock of any machine."""
    has_outcome = request.state is RequestState.UNKNOWN and request.reason is not OutcomeReason.RUN_LOST
    return request.at + (_CLOCK_DIFFERENCE if has_outcome else RUN_LOST_AFTER)
