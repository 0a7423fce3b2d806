"""Actions of the plan as text: reasons, notes, changes since the ledger, and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sendspec.compare import accepted, recipients_of
from sendspec.formatting import format_timestamp, pluralize
from sendspec.model import PlannedSend, PlanReason, Sign
from sendspec.record_phrases import OTHER_RECIPIENTS, clock_text, outcome_text, progress_text
from sendspec.report.escape.plain import escape_text, escape_value
from sendspec.report.phrases import sent_text, size_text, tried_text
from sendspec.report.reasons import reason_text
from sendspec.report.totals import open_requests, sends_again, sends_rest, tried_requests
from sendspec.report.vendor_names import name_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Action, Change, RemovedSend, RequestRecord, SendRecord

_INDENT = "    "
RECIPIENTS_FIELD: Final = "recipients"
"""The field of a change of the recipients, whose values are numbers of them."""


def is_unfolded(action: Action) -> bool:
    """Return whether a person must see a settled action: sent twice, stopped, or with a record that moves."""
    requests = action.record.all_requests if action.record else ()
    moves = isinstance(action, PlannedSend) and bool(action.moved_from)
    is_stopped = action.reason is PlanReason.STOPPED
    return moves or is_stopped or any(request.also_accepted for request in requests)


def source_text(action: Action) -> str:
    """Return the endpoint of an action, and its revision if it is above 1."""
    source = action.send if isinstance(action, PlannedSend) else action.record
    revision = f", revision {source.revision}" if source.revision > 1 else ""
    return f"{source.endpoint.value}{revision}"


def action_text(action: Action) -> str:
    """Return what apply does about an action: its size or its reason, and a former address."""
    text = _planned_text(action) if isinstance(action, PlannedSend) else _removed_text(action)
    if isinstance(action, PlannedSend) and action.moved_from:
        text += f"; moved from {', '.join(action.moved_from)}"
    return text


def property_lines(planned: PlannedSend, *, full: bool) -> Iterator[str]:
    """Yield the properties of the requests: those with a name in the vendor's lists, or all if `full`."""
    for name, value in sorted(planned.send.payload.items()):
        note = name_text(planned, name)
        if full or note:
            yield f"{name}: {_value(value)}{note}"


def limits_text(planned: PlannedSend) -> str:
    """Return the instants after which apply posts nothing of a send, '' if nothing limits it."""
    limits = []
    if planned.send.not_after is not None:
        limits.append(f"notAfter {planned.send.not_after.isoformat()}")
    if planned.legal_until is not None:
        limits.append(f"legal hours until {planned.legal_until.isoformat(timespec='seconds')}")
    return f"{', '.join(limits)}; apply posts nothing after that" if limits else ""


def _planned_text(planned: PlannedSend) -> str:
    again = sends_again(planned)
    match planned.sign:
        case Sign.SEND | Sign.RESUME:
            return f"{'SENDS AGAIN ' if again else ''}{size_text(planned)}"
        case Sign.WAITING:
            verb = "SENDS AGAIN" if again else "sends"
            rest = "the rest " if sends_rest(planned) else ""
            return f"{reason_text(planned)}; the first apply after that {verb} {rest}{size_text(planned)}"
        case Sign.DONE:
            return f"{reason_text(planned)}{_ids(planned)}"
        case Sign.EXPIRED if planned.reason is PlanReason.STOPPED:
            return f"{reason_text(planned)}{_ids(planned)}"
        case _:
            return reason_text(planned)


def _removed_text(removed: RemovedSend) -> str:
    if removed.at_vendor and not open_requests(removed):
        return reason_text(removed)
    unknown = len(open_requests(removed))
    sent = "; ".join(sent_text(revision) for revision in removed.record.revisions if accepted(revision))
    if unknown:
        sent = f"{sent}{'; ' if sent else ''}the outcome of {pluralize(unknown, 'request')} is unknown"
    return f"{reason_text(removed)}; {sent or 'nothing was sent'}"


def _ids(planned: PlannedSend) -> str:
    requests = planned.record.requests if planned.record else ()
    if len(requests) == 1:
        return f" ({_id(requests[0])})"
    twice = sum(bool(request.also_accepted) for request in requests)
    repeated = f", {twice:,} of them MORE THAN ONCE" if twice else ""
    return f" in {pluralize(len(requests), 'request')}{repeated}"


def _id(request: RequestRecord) -> str:
    kind = "job" if request.job_id is not None else "transaction"
    known = f"{kind} {request.vendor_id}" if request.vendor_id else "id not known"
    others = ", ".join(request.also_accepted)
    return f"{known}; sent MORE THAN ONCE, also as {others}" if others else known


def notes(planned: PlannedSend) -> Iterator[str]:
    """Yield what a reviewer must read before the payload."""
    send, record = planned.send, planned.record
    if planned.pending and record is not None and send.revision > 1:
        yield from _earlier_revisions(planned, record)
    if record is not None and (planned.sign is Sign.RESUME or sends_rest(planned)):
        yield _progress(planned, record)
    tried = tried_text(tried_requests(planned))
    if tried:
        yield f"tried before, not sent: {tried}"


def _earlier_revisions(planned: PlannedSend, record: SendRecord) -> Iterator[str]:
    revision = planned.send.revision
    sent = "; ".join(sent_text(earlier) for earlier in record.revisions if earlier.revision < revision)
    if sent:
        verb = "sends again" if sends_again(planned) else "sends instead"
        yield f"{verb}: revision {revision}; {sent}"


def _progress(planned: PlannedSend, record: SendRecord) -> str:
    unknown = next((request for request in record.requests if request.state.is_open), None)
    if unknown is None:
        return f"{sent_text(record)}; only the rest is sent"
    if unknown in planned.in_progress:
        known = progress_text(unknown)
    else:
        known = f"{format_timestamp(unknown.at)}: {outcome_text(unknown.reason, unknown.evidence)}"
    wait = "" if planned.repeat_from is None else f"waits until {clock_text(planned.repeat_from)}, then "
    return (
        f"the outcome of the last attempt is unknown ({known}); apply {wait}repeats the same request, "
        "and the vendor refuses it if a job of this messageName exists"
    )


def change_section(planned: PlannedSend) -> Iterator[str]:
    """Yield each property that differs from the revision that was last sent or tried."""
    if planned.base_revision is None or planned.record is None:
        return
    base = next(record for record in planned.record.revisions if record.revision == planned.base_revision)
    lines = [line for change in planned.changes for line in _change_lines(change)]
    if sends_again(planned):
        lines = [*(lines or ["nothing else changed"]), *_same_recipients(planned, base)]
    if lines:
        yield f"compared with revision {base.revision}:"
        yield from (f"{_INDENT}{line}" for line in lines)


def recipients_section(planned: PlannedSend) -> Iterator[str]:
    """Yield how the recipients differ from those of the revision in `change_section`, as in that."""
    if planned.base_revision is None or planned.record is None:
        return
    base = next(record for record in planned.record.revisions if record.revision == planned.base_revision)
    for change in planned.changes:
        if change.field == RECIPIENTS_FIELD:
            yield from _change_lines(change)
    if sends_again(planned):
        yield from _same_recipients(planned, base)


def _same_recipients(planned: PlannedSend, base: SendRecord) -> Iterator[str]:
    """Yield which recipients get another message, unless the changes already show them."""
    if any(change.field == RECIPIENTS_FIELD for change in planned.changes):
        return
    if base.recipients is None:
        yield "recipients: kept by the vendor; the contact source may have changed since"
        return
    count = base.recipients.count
    reached = recipients_of(count, [request.batch for request in accepted(base)])
    got = "all" if reached == count else f"{reached:,}"
    yield f"recipients: the same {count:,}; {got} of them got revision {base.revision}"


def _change_lines(change: Change) -> Iterator[str]:
    if change.field != RECIPIENTS_FIELD:
        yield escape_text(change.field)
        yield f"  - {_value(change.sent)}"
        yield f"  + {_value(change.now)}"
    elif change.sent == change.now:
        yield f"recipients: still {change.now:,}, {OTHER_RECIPIENTS}"
    else:
        yield f"recipients: {_count(change.sent)} → {_count(change.now)}"


def _count(recipients: int | None) -> str:
    return "kept by the vendor" if recipients is None else f"{recipients:,}"


def _value(value: Any) -> str:
    return "(absent)" if value is None else escape_value(value)
