"""Sentences about records of the ledger, shared by messages of rules and by reports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sendspec.compare import RUN_LOST_AFTER, accepted, sent_before
from sendspec.formatting import pluralize
from sendspec.model import OutcomeReason

if TYPE_CHECKING:
    from datetime import datetime

    from sendspec.model import RequestRecord, Send, SendRecord

OTHER_RECIPIENTS: Final = "with other recipients, order or values"
"""The meaning of an equal number of recipients with another digest."""

_RUN_ID_LENGTH: Final = 8
"""Characters of a run's id in a sentence: enough to find it in the log of the ledger's branch."""

_OUTCOMES: Final = {
    OutcomeReason.ACCEPTED: "{}",
    OutcomeReason.ACCEPTED_OTHER_STATUS: "{}, which is not the documented status",
    OutcomeReason.ACCEPTED_EARLIER: "{}; an earlier attempt was accepted, unless the name was in use before",
    OutcomeReason.REFUSED: "{}",
    OutcomeReason.REFUSED_AFTER_UNCLEAR: "{}; this does not settle the earlier attempt",
    OutcomeReason.NOT_CONNECTED: "{}",
    OutcomeReason.TOKEN_UNAVAILABLE: "{}",
    OutcomeReason.TOKEN_REFUSED: "{}",
    OutcomeReason.CREDENTIALS_REFUSED: "{}",
    OutcomeReason.BUSY: "{}",
    OutcomeReason.NO_ANSWER: "{}",
    OutcomeReason.UNUSABLE_ANSWER: "{}",
    OutcomeReason.MISSING_ID: "{}, without a usable id",
    OutcomeReason.CONTRADICTORY_ANSWER: "{}, although the answer has an id",
    OutcomeReason.OTHER_REQUEST: "{}, which is about another request",
    OutcomeReason.CONTACTS_CHANGED: "{}",
    OutcomeReason.INTERNAL_ERROR: "internal error of sendspec: {}",
    OutcomeReason.RUN_STOPPED: "the run was stopped before it posted this request",
    OutcomeReason.EARLIER_REQUEST_FAILED: "an earlier request of this send was refused or is unknown",
    OutcomeReason.EXPIRED: "the window of the send expired before this request was posted",
    OutcomeReason.QUIET_HOURS: "the legal hours of a recipient ended before this request was posted",
    OutcomeReason.INTENT_TOO_OLD: "this request waited so long that another run may consider this run lost",
    OutcomeReason.TOO_OLD_TO_REPEAT: "the first attempt is so old that the vendor may not know its name",
    OutcomeReason.TOO_LATE: "{}",
    OutcomeReason.TAKEN_OVER: "another run considered this run lost and repeated this request",
    OutcomeReason.RUN_LOST: "the run that started this request ended without recording an outcome",
    OutcomeReason.RUN_ENDED: "the run ended before the answer came",
    OutcomeReason.NOT_POSTED: "the run ended before it posted this request",
    OutcomeReason.STATED: "resolved by hand: {}",
}


def outcome_text(reason: OutcomeReason | None, evidence: str | None) -> str:
    """Return why a request has its state, in one sentence that quotes the evidence."""
    sentence = "{}" if reason is None else _OUTCOMES[reason]
    return sentence.replace("{}", evidence or "no answer is recorded")


def progress_text(request: RequestRecord) -> str:
    """Return when, and by which run, a request that may be in progress was started."""
    run = f" by run {request.run[:_RUN_ID_LENGTH]}" if request.run else ""
    return f"started {request.at:%H:%M:%S} UTC{run}; still running, or lost"


def wait_text(request: RequestRecord) -> str:
    """Return the minute after which a request no longer counts as in progress."""
    return f"{request.counts_from + RUN_LOST_AFTER + timedelta(minutes=1):%H:%M} UTC"


def clock_text(instant: datetime) -> str:
    """Return a time of today to the second, in UTC."""
    return f"{instant:%H:%M:%S} UTC"


def due_text(due: datetime) -> str:
    """Return when the vendor starts a job, in the local time of its date and exactly."""
    return f"due {due:%a %d %b %H:%M} ({due.isoformat()})"


def job_text(request: RequestRecord) -> str:
    """Return the name of a send job by its ids."""
    ids = tuple(map(str, request.vendor_ids))
    if not ids:
        return "the job"
    return f"job {ids[0]}" if len(ids) == 1 else f"jobs {' and '.join(ids)}"


def expired_text(send: Send, record: SendRecord | None) -> str:
    """Return how much of a send was sent before its window expired."""
    if record is None or record.revision != send.revision or not accepted(record):
        revision = f" of revision {send.revision}" if sent_before(send, record) else ""
        return f"nothing{revision} was sent"
    sent = len(accepted(record))
    verb = "was" if sent == 1 else "were"
    return f"{sent:,} of {pluralize(record.expected_requests, 'request')} {verb} sent"
