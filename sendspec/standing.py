"""How a rendered send stands against what the ledger says of it: one comparison for all readers.

The rules of "The ledger", the plan and apply must never disagree about it, so it is decided here
and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from sendspec.audience import stretch
from sendspec.model import Change, Endpoint, RequestState, requests_for

if TYPE_CHECKING:
    from sendspec.model import AudienceFacts, RequestRecord, Send, SendRecord


class Standing(Enum):
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
    """A standing, the batches that may go out, what differs, and which requests are unknown."""

    standing: Standing
    pending: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    unknown: tuple[RequestRecord, ...] = ()


def compare(  # noqa: PLR0911 - a decision table, one return a row
    send: Send, facts: AudienceFacts | None, record: SendRecord | None
) -> Comparison:
    """Compare a send and its audience with its record; pure, and slow only where it must stretch.

    An unknown contact-source request is not `UNKNOWN` here as long as the spec still says the very
    same POST: the vendor's own check of `messageName` makes repeating it safe.
    """
    everything = tuple(range(1, (1 if facts is None else requests_for(facts.count)) + 1))
    if record is None:
        return Comparison(Standing.NEW, pending=everything)
    changes = _payload_changes(send, record)
    unknown = _unknown(record)
    if unknown and not _repeatable(send, record, unknown):
        return Comparison(Standing.UNKNOWN, changes=changes, unknown=unknown)
    if send.revision > record.revision:
        return Comparison(Standing.NEW, pending=everything, changes=changes)
    if send.revision < record.revision:
        return Comparison(Standing.EDITED, changes=(_revision_change(send, record), *changes))
    sent = {request.batch for request in record.requests if request.state is RequestState.SENT}
    if not sent and not unknown:
        return Comparison(Standing.NEW, pending=everything, changes=changes)
    complete = len(sent) == record.expected_requests
    changes += _audience_changes(send, facts, record)
    if changes:
        mid_send = not complete and all(change.field == "recipients" for change in changes)
        return Comparison(Standing.AUDIENCE_CHANGED if mid_send else Standing.EDITED, changes=changes)
    if complete:
        return Comparison(Standing.DONE)
    pending = tuple(batch for batch in everything if batch not in sent)
    return Comparison(Standing.PARTIAL, pending=pending, unknown=unknown)


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
    if facts.count != then.count or stretch(send.address, facts.digest) != then.digest:
        return (Change("recipients", then.count, facts.count),)
    return ()
