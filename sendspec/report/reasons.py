"""The sentence of each plan reason: why apply would send, or would not."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sendspec.compare import accepted, is_stopped, recipients_of
from sendspec.formatting import format_timestamp, pluralize, short_digest
from sendspec.legal_hours import HORIZON
from sendspec.model import PlannedSend, PlanReason
from sendspec.record_phrases import (
    clock_text,
    due_text,
    expired_text,
    job_text,
    progress_text,
    wait_text,
)
from sendspec.report.totals import sent_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sendspec.model import Action, ContactFile, RequestRecord

_SENTENCES: Final = {
    PlanReason.NEW: "will be sent",
    PlanReason.NEW_REVISION: "will be sent again",
    PlanReason.RESUMED: "the rest will be sent",
    PlanReason.REPEATED: "the request of unknown outcome will be repeated{repeat_from}",
    PlanReason.ALREADY_SENT: "already sent",
    PlanReason.WITH_VENDOR: "with the vendor, {due}",
    PlanReason.STOPPED: "stopped at the vendor; nothing was sent, and only a higher revision is sent",
    PlanReason.TOO_EARLY: "waits until {not_before}",
    PlanReason.QUIET_HOURS: "waits for the legal hours of {whom}{legal_from}",
    PlanReason.EXPIRED: "expired at {not_after}; {sent}",
    PlanReason.BLOCKED: "blocked by {rules}",
    PlanReason.LIST_ABSENT: "blocked: {absent} on this machine{known}",
    PlanReason.EDITED: "edited after {extent}; nothing more is sent",
    PlanReason.EDITED_BEFORE_DUE: "edited, but {job} is with the vendor and still goes out, {due}",
    PlanReason.RECIPIENTS_CHANGED: "recipients changed after {extent}; nothing more is sent",
    PlanReason.REVISION_LOWERED: "the revision is lower than in the ledger; nothing is sent",
    PlanReason.OUTCOME_UNKNOWN: "the outcome of {unknown} is unknown{obstacle}; "
    "settle {pronoun} with `sendspec resolve`",
    PlanReason.IN_PROGRESS: "{progress}{obstacle}; wait until {wait}, then plan again",
    PlanReason.TOO_OLD_TO_REPEAT: "the outcome of {unknown} is unknown, and the first attempt at {first_at} "
    "is too old to repeat; settle {pronoun} with `sendspec resolve`",
    PlanReason.REMOVED: "in the ledger, not in the specs",
    PlanReason.REMOVED_BEFORE_DUE: "not in the specs, but {job} is with the vendor and still goes out, {due}",
}
_OBSTACLES: Final = {
    PlanReason.TOO_EARLY: "; the send waits until {not_before}",
    PlanReason.QUIET_HOURS: "; the send waits for the legal hours of {whom}{legal_from}",
    PlanReason.EXPIRED: "; the send expired at {not_after}",
    PlanReason.BLOCKED: "; the send is blocked by {rules}",
    PlanReason.LIST_ABSENT: "; {absent} on this machine",
}


def reason_text(action: Action) -> str:
    """Return why an action has its sign, in one sentence."""
    sentence = _SENTENCES[action.reason]
    return sentence.format_map(_SentenceData(action)) if "{" in sentence else sentence


class _SentenceData:
    """The data of the sentences about an action, each found when a sentence needs it."""

    def __init__(self, action: Action) -> None:
        self._action = action

    def __getitem__(self, name: str) -> str:
        action = self._action
        if name == "job":
            return job_text(action.at_vendor[0].request)
        if name == "due":
            return due_text(action.at_vendor[0].due)
        if not isinstance(action, PlannedSend):
            raise KeyError(name)
        return _PLANNED_DATA[name](action)


def absent_text(files: Sequence[ContactFile]) -> str:
    """Return which lists are not on this machine, with their digests, without the end of the sentence."""
    named = " and ".join(
        f"{file.name} (SHA-256 {short_digest(file.outside.sha256)})" for file in files if file.outside
    )
    return f"the list {named} is not" if len(files) == 1 else f"the lists {named} are not"


def _known(planned: PlannedSend) -> str:
    """Return what is known about the recipients of a send without its list."""
    record = planned.record
    if record is not None and record.revision == planned.send.revision and accepted(record):
        return f"; {_extent(planned)}"
    expected = planned.send.expected
    return "" if expected is None else f"; {pluralize(expected.recipients, 'recipient')} expected"


def _unknown(planned: PlannedSend) -> str:
    in_progress = len(_unknown_in_progress(planned))
    part = f" ({in_progress:,} may be in progress)" if in_progress else ""
    return pluralize(len(planned.unknown), "request") + part


def _progress(planned: PlannedSend) -> str:
    in_progress = _unknown_in_progress(planned)
    several = f"{pluralize(len(in_progress), 'request')} " if len(in_progress) > 1 else ""
    return several + progress_text(_latest(in_progress))


def _unknown_in_progress(planned: PlannedSend) -> list[RequestRecord]:
    return [request for request in planned.unknown if request in planned.in_progress]


def _latest(requests: Iterable[RequestRecord]) -> RequestRecord:
    return max(requests, key=lambda request: request.at)


def _extent(planned: PlannedSend) -> str:
    record = planned.record
    if record is not None and is_stopped(record):
        return "its job was stopped"
    if record is None or record.recipients is None or len(accepted(record)) == record.expected_requests:
        return "it was sent"
    count = record.recipients.count
    reached = recipients_of(count, [request.batch for request in accepted(record)])
    return f"a part ({reached:,} of {pluralize(count, 'recipient')}) was sent"


def _legal_from(planned: PlannedSend) -> str:
    start, not_after = planned.legal_from, planned.send.not_after
    if start is None:
        return f"; they have none in common in the next {HORIZON.days} days"
    expires = not_after is not None and not_after <= start
    return f" until {start.isoformat(timespec='seconds')}" + (", after its notAfter" if expires else "")


def _not_before(instant: datetime | None) -> str:
    return "" if instant is None else f", not before {clock_text(instant)}"


def _instant(instant: datetime | None) -> str:
    return "" if instant is None else instant.isoformat()


_PLANNED_DATA: Final[Mapping[str, Callable[[PlannedSend], str]]] = MappingProxyType(
    {
        "not_before": lambda planned: _instant(planned.send.not_before),
        "not_after": lambda planned: _instant(planned.send.not_after),
        "legal_from": _legal_from,
        "whom": lambda planned: (
            "its whole list, also of those sent to before" if sent_part(planned) else "its recipients"
        ),
        "sent": lambda planned: expired_text(planned.send, planned.record),
        "rules": lambda planned: ", ".join(planned.blocking_rules),
        "absent": lambda planned: absent_text(planned.send.absent_lists),
        "known": _known,
        "extent": _extent,
        "repeat_from": lambda planned: _not_before(planned.repeat_from),
        "unknown": _unknown,
        "pronoun": lambda planned: "it" if len(planned.unknown) == 1 else "them",
        "first_at": lambda planned: format_timestamp(min(request.first_at for request in planned.unknown)),
        "progress": _progress,
        "wait": lambda planned: wait_text(_latest(_unknown_in_progress(planned))),
        "obstacle": lambda planned: (
            ""
            if planned.obstacle is None
            else _OBSTACLES[planned.obstacle].format_map(_SentenceData(planned))
        ),
    }
)
"""The data of the sentences about a planned send, by their names in a sentence."""
