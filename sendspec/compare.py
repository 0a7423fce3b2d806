"""How a rendered send stands against what the ledger says of it: one comparison for all readers.

The rules of "The ledger", the plan and apply must never disagree about it, so it is decided here
and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from sendspec.audience import stretched_digest
from sendspec.formatting import pluralize
from sendspec.model import (
    CONTACTS_PER_REQUEST,
    Change,
    Endpoint,
    RequestState,
    requests_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sendspec.model import AudienceFacts, RequestRecord, Send, SendRecord

RUN_LOST_AFTER: Final = timedelta(minutes=15)
"""Longer than one request can take with all its repetitions and back-off."""

OTHER_PEOPLE: Final = "not the same people, or in another order, or with other values"
"""What it means that as many recipients have another digest."""

_RUN_SHOWN: Final = 8
"""Of the 32 digits that name a run: enough to find it in the log of the branch."""


class SendState(Enum):
    """What the ledger makes of a send."""

    NEW = auto()
    """Nothing of this revision was accepted: all of it may go out, edited or not."""
    PARTIAL = auto()
    """Some requests were accepted; the rest may go out."""
    DONE = auto()
    """Every request was accepted."""
    EDITED = auto()
    """What the specs say is not what was sent, and the revision was not raised."""
    AUDIENCE_CHANGED = auto()
    """Some requests were accepted, and the recipients are no longer those that were fixed."""
    UNKNOWN = auto()
    """The outcome of some request is unknown, and repeating it could send it twice."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A standing, the batches that may go out, what differs, and which requests are unknown.

    `against` is the revision in the ledger that `changes` compares with: the newest of which
    anything was accepted, as far as that matters, else the newest there is.
    """

    send_state: SendState
    pending: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    unknown: tuple[RequestRecord, ...] = ()
    against: int | None = None


def compare(  # noqa: PLR0911 - a decision table, one return a row
    send: Send, facts: AudienceFacts | None, record: SendRecord | None
) -> Comparison:
    """Compare a send and its audience with its record; pure, and slow only where it must stretch.

    An unknown contact-source request is not `UNKNOWN` here as long as the spec still says the very
    same POST: the vendor's own check of `messageName` makes repeating it safe.
    """
    everything = tuple(range(1, (1 if facts is None else requests_for(facts.count)) + 1))
    if record is None:
        return Comparison(SendState.NEW, pending=everything)
    changes, against = _payload_changes(send, record), record.revision
    unknown = _unknown(record)
    if unknown and not _repeatable(send, record, unknown):
        return Comparison(SendState.UNKNOWN, changes=changes, unknown=unknown, against=against)
    if send.revision > record.revision:
        return _fresh(send, facts, record, everything)
    if send.revision < record.revision:
        changes = (_revision_change(send, record), *changes)
        return Comparison(SendState.EDITED, changes=changes, against=against)
    sent = {request.batch for request in accepted(record)}
    if not sent and not unknown:
        return _fresh(send, facts, record, everything)
    complete = len(sent) == record.expected_requests
    changes += _audience_changes(send, facts, record)
    if changes:
        mid_send = not complete and all(change.field == "recipients" for change in changes)
        send_state = SendState.AUDIENCE_CHANGED if mid_send else SendState.EDITED
        return Comparison(send_state, changes=changes, against=against)
    if complete:
        return Comparison(SendState.DONE)
    pending = tuple(batch for batch in everything if batch not in sent)
    return Comparison(SendState.PARTIAL, pending=pending, unknown=unknown)


def accepted(record: SendRecord) -> tuple[RequestRecord, ...]:
    """Give the requests of one revision that the vendor accepted."""
    return tuple(request for request in record.requests if request.state is RequestState.SENT)


def sent_before(send: Send, record: SendRecord | None) -> tuple[SendRecord, ...]:
    """Give the earlier revisions of which anything was accepted, newest first.

    Where there are any, a request of `send` that goes out reaches people again.
    """
    revisions = record.revisions if record else ()
    return tuple(one for one in revisions if one.revision < send.revision and accepted(one))


def recipients_of(count: int, batches: Iterable[int]) -> int:
    """Give how many of `count` recipients these requests of theirs have together."""
    return sum(min(CONTACTS_PER_REQUEST, count - (batch - 1) * CONTACTS_PER_REQUEST) for batch in batches)


def may_be_in_progress(request: RequestRecord, now: datetime) -> bool:
    """Whether a run that is alive may be sending this request at `now`: on a branch no lock tells."""
    if request.state is not RequestState.INTENT:
        return False
    return now - request.at < RUN_LOST_AFTER


def progress_of(request: RequestRecord) -> str:
    """Say of a request that may be under way since when, and whose it is."""
    run = f" by run {request.run[:_RUN_SHOWN]}" if request.run else ""
    return f"in progress since {request.at:%H:%M:%S} UTC{run}, or that run is gone"


def wait_until(request: RequestRecord) -> str:
    """Give the minute from which on a request is no longer taken for one that is under way."""
    return f"{request.at + RUN_LOST_AFTER + timedelta(minutes=1):%H:%M} UTC"


def why_unknown(
    unknown: Sequence[RequestRecord], in_progress: Sequence[RequestRecord], held: str | None = None
) -> str:
    """Say what is open of a send, and the way out; `held` is what keeps apply from repeating it."""
    young = [request for request in unknown if request in in_progress]
    also = f", and {held}" if held else ""
    if len(young) == len(unknown):
        several = f"{pluralize(len(young), 'request')} " if len(young) > 1 else ""
        latest = max(young, key=lambda request: request.at)
        return f"{several}{progress_of(latest)}{also}: wait until {wait_until(latest)}, then plan again"
    settle = "settle it" if len(unknown) == 1 else "settle them"
    part = f" ({len(young):,} may be in progress)" if young else ""
    requests = pluralize(len(unknown), "request")
    return f"the outcome of {requests} is unknown{part}{also}: {settle} with `sendspec resolve`"


def why_edited(comparison: Comparison, record: SendRecord | None) -> str:
    """Say what was edited, and how far the send had got."""
    fields = {change.field for change in comparison.changes}
    if "revision" in fields:
        return "its revision is lower than the one in the ledger: nothing of it goes out"
    what = "its recipients changed" if fields == {"recipients"} else "edited"
    if record is not None and len(accepted(record)) < record.expected_requests:
        return f"{what} after a part of it was sent: nothing more of it goes out"
    return f"{what} after it was sent: nothing of it goes out"


def why_lost(send: Send, record: SendRecord | None) -> str:
    """Say what a window that has ended means for a send that was not sent, or not whole."""
    if record is None or record.revision != send.revision or not accepted(record):
        whole = f"revision {send.revision}" if sent_before(send, record) else "it"
        return f"nothing of {whole} was sent, and nothing will be"
    sent = len(accepted(record))
    was = "was" if sent == 1 else "were"
    return (
        f"{sent:,} of {pluralize(record.expected_requests, 'request')} {was} sent, and the rest will not be"
    )


def _fresh(
    send: Send, facts: AudienceFacts | None, record: SendRecord, everything: tuple[int, ...]
) -> Comparison:
    """Compare what goes out whole with what was last accepted, or else last tried."""
    before = sent_before(send, record)
    base = before[0] if before else record
    changes = _payload_changes(send, base) + (_audience_changes(send, facts, base) if before else ())
    return Comparison(SendState.NEW, pending=everything, changes=changes, against=base.revision)


def _unknown(record: SendRecord) -> tuple[RequestRecord, ...]:
    return tuple(request for request in record.all_requests if request.state.is_open)


def _repeatable(send: Send, record: SendRecord, unknown: tuple[RequestRecord, ...]) -> bool:
    return (
        send.endpoint is Endpoint.CONTACT_SOURCE
        and send.revision == record.revision
        and send.payload_digest == record.payload_digest
        and all(request in record.requests for request in unknown)
    )


def _revision_change(send: Send, record: SendRecord) -> Change:
    return Change("revision", record.revision, send.revision)


def _payload_changes(send: Send, record: SendRecord) -> tuple[Change, ...]:
    changes: list[Change] = []
    if send.endpoint is not record.endpoint:
        changes.append(Change("endpoint", record.endpoint.value, send.endpoint.value))
    for name in sorted({*send.payload, *record.payload}):
        sent, now = record.payload.get(name), send.payload.get(name)
        if sent != now:
            changes.append(Change(name, sent, now))
    return tuple(changes)


def _audience_changes(send: Send, facts: AudienceFacts | None, record: SendRecord) -> tuple[Change, ...]:
    then = record.recipients
    if then is None or facts is None:
        same = then is None and facts is None
        return () if same else (Change("recipients", then and then.count, facts and facts.count),)
    if facts.count != then.count or stretched_digest(send.address, facts.digest) != then.digest:
        return (Change("recipients", then.count, facts.count),)
    return ()
