"""One send of the plan as a person reads it: in a line, or whole where something of it is to be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.compare import OTHER_PEOPLE, accepted, progress_of, recipients_of
from sendspec.formatting import format_timestamp, pluralize
from sendspec.model import Endpoint, Sign
from sendspec.report.escape import printable, quoted
from sendspec.report.phrases import contacts_of, outcome_text, sent_words, size_of, tried_words
from sendspec.report.summary import sends_again, unsent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Action, Change, RequestRecord, SendRecord

_INDENT = "    "


def shows_details(action: Action) -> bool:
    """Whether something of it goes out, now or later, or differs from what went out."""
    return action.sign is not Sign.PASSED and bool(action.pending or action.changes)


def action_line(action: Action) -> str:
    """Give an action in one line: sign, address, endpoint, and to how many it goes or why it does not."""
    source = action.send or action.record
    endpoint = source.endpoint.value if source else Endpoint.CONTACTS.value
    revision = f", revision {source.revision}" if source and source.revision > 1 else ""
    return (
        f"{action.sign.value} {printable(action.address)}  {endpoint}{revision}  {printable(_said(action))}"
    )


def action_lines(action: Action) -> Iterator[str]:
    """Give an action whole: what is special about it, what changed, and its payload if that goes out."""
    yield action_line(action)
    yield from (f"{_INDENT}{printable(note)}" for note in _notes(action))
    yield from (f"{_INDENT}{line}" for line in _comparison(action))
    if action.pending and action.send is not None:
        yield from (
            f"{_INDENT}{name}: {_value(value)}" for name, value in sorted(action.send.payload.items())
        )
        if action.send.not_after is not None:
            yield f"{_INDENT}notAfter: {_value(action.send.not_after.isoformat())}"


def _said(action: Action) -> str:
    again = sends_again(action)
    match action.sign:
        case Sign.SEND | Sign.RESUME:
            return f"{'SENDS AGAIN ' if again else ''}{size_of(action)}"
        case Sign.WAITING:
            sends = "SENDS AGAIN" if again else "sends"
            return f"{action.why}; the first apply from then on {sends} {size_of(action)}"
        case Sign.DONE:
            return f"{action.why}{_ids(action)}"
        case Sign.GONE if action.record is not None:
            return f"{action.why}; {_left_behind(action.record)}"
        case _:
            return action.why


def _ids(action: Action) -> str:
    requests = action.record.requests if action.record else ()
    if len(requests) == 1:
        return f" ({_id(requests[0])})"
    twice = sum(bool(request.also_accepted) for request in requests)
    return f" in {pluralize(len(requests), 'request')}" + (
        f", {twice:,} of them MORE THAN ONCE" if twice else ""
    )


def _id(request: RequestRecord) -> str:
    kind = "job" if request.job_id is not None else "transaction"
    known = f"{kind} {request.vendor_id}" if request.vendor_id else "id not known"
    others = ", ".join(request.also_accepted)
    return f"{known}; it went out MORE THAN ONCE, also as {others}" if others else known


def _left_behind(record: SendRecord) -> str:
    unclear = sum(request.state.is_open for request in record.all_requests)
    words = "; ".join(sent_words(one) for one in record.revisions if accepted(one))
    if unclear:
        requests = pluralize(unclear, "request")
        return f"{words + '; ' if words else ''}the outcome of {requests} is unknown"
    return words or "nothing of it was sent"


def _notes(action: Action) -> Iterator[str]:
    """Say what a reviewer would want to know before anything else."""
    send, record = action.send, action.record
    if send is None:
        return
    if action.pending and record is not None and send.revision > 1:
        yield from _earlier(action, record, send.revision)
    if action.sign is Sign.RESUME and record is not None:
        yield _progress(action, record)
    tried = tried_words(unsent(action))
    if tried:
        yield f"tried before and not sent: {tried}"
    contacts = contacts_of(action)
    if contacts and (action.pending or any(change.field == "recipients" for change in action.changes)):
        yield f"contacts: {contacts}"


def _earlier(action: Action, record: SendRecord, revision: int) -> Iterator[str]:
    told = "; ".join(sent_words(one) for one in record.revisions if one.revision < revision)
    if told:
        kind = "sends again" if sends_again(action) else "sends instead"
        yield f"{kind}: revision {revision}; {told}"


def _progress(action: Action, record: SendRecord) -> str:
    unclear = next((request for request in record.requests if request.state.is_open), None)
    if unclear is not None:
        known = (
            progress_of(unclear)
            if unclear in action.in_progress
            else f"{format_timestamp(unclear.at)}: {outcome_text(unclear.reason, unclear.evidence)}"
        )
        return (
            f"the outcome of the last attempt is unknown ({known}); apply sends the same request again, "
            "which the vendor refuses if it has a job of this messageName"
        )
    return f"{sent_words(record)}; only the rest goes out"


def _comparison(action: Action) -> Iterator[str]:
    """Give field by field what differs from what went out, or was tried, last."""
    if action.against is None or action.send is None or action.record is None:
        return
    base = next(one for one in action.record.revisions if one.revision == action.against)
    lines = [line for change in action.changes for line in _change_lines(change)]
    if sends_again(action):
        lines = [*(lines or ["nothing else changed"]), *_same_people(action, base)]
    if lines:
        yield f"compared with revision {base.revision}:"
        yield from (f"{_INDENT}{line}" for line in lines)


def _same_people(action: Action, base: SendRecord) -> Iterator[str]:
    """Say who gets it twice, where the recipients are those of the revision before, or not known here."""
    if any(change.field == "recipients" for change in action.changes):
        return
    if base.recipients is None:
        yield "recipients: kept by the vendor: whoever is in the contact source by then, again or not"
        return
    count = base.recipients.count
    reached = recipients_of(count, [one.batch for one in accepted(base)])
    had = "all" if reached == count else f"{reached:,}"
    yield f"recipients: the same {count:,}, {had} of whom had revision {base.revision}"


def _change_lines(change: Change) -> Iterator[str]:
    if change.field != "recipients":
        yield printable(change.field)
        yield f"  - {_value(change.sent)}"
        yield f"  + {_value(change.now)}"
    elif change.sent == change.now:
        yield f"recipients: still {change.now:,}, but {OTHER_PEOPLE}"
    else:
        yield f"recipients: {_people(change.sent)} → {_people(change.now)}"


def _people(count: int | None) -> str:
    return "kept by the vendor" if count is None else f"{count:,}"


def _value(value: Any) -> str:
    return "(absent)" if value is None else quoted(value)
