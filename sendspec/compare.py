"""The comparison of a send with its record in the ledger: one answer for rules, plan and apply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from sendspec.audience import stretched_digest
from sendspec.model import CONTACTS_PER_REQUEST, Change, RequestState, requests_for
from sendspec.protocol_limits import RUN_LOST_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sendspec.model import AudienceFacts, RequestRecord, Send, SendRecord

RUN_LOST_AFTER: Final = timedelta(seconds=RUN_LOST_SECONDS)


class SendState(Enum):
    """The state of a send according to the ledger."""

    NEW = auto()
    """No request of this revision was accepted, so all may be sent, edited or not."""
    PARTIAL = auto()
    """Some requests were accepted; the rest may be sent."""
    DONE = auto()
    """Every request was accepted."""
    EDITED = auto()
    """The specs differ from what was sent, and the revision was not raised."""
    AUDIENCE_CHANGED = auto()
    """Some requests were accepted, and the recipients changed since."""
    UNKNOWN = auto()
    """The outcome of a request is unknown, and repeating it could send it twice."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The state of a send, the batches that may be sent, the changes, and the unknown requests.

    `base_revision` is the revision that `changes` compare with: the newest accepted one if the send
    is sent again, else the newest in the ledger.
    """

    state: SendState
    pending: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    unknown: tuple[RequestRecord, ...] = ()
    base_revision: int | None = None


def compare(  # noqa: PLR0911 - a decision table, one return a row
    send: Send, facts: AudienceFacts | None, record: SendRecord | None
) -> Comparison:
    """Return how a send and its audience differ from their record; pure.

    An unknown contact-source request is not `UNKNOWN` while the spec describes the same POST: the
    vendor refuses a second job of the same `messageName`, so repeating it is safe.
    """
    requests = 1 if facts is None else requests_for(facts.count)
    all_batches = tuple(range(1, requests + 1))
    if record is None:
        return Comparison(SendState.NEW, pending=all_batches)
    changes, base = _payload_changes(send, record), record.revision
    unknown = tuple(request for request in record.all_requests if request.state.is_open)
    if unknown and not _repeatable(send, record, unknown):
        return Comparison(SendState.UNKNOWN, changes=changes, unknown=unknown, base_revision=base)
    if send.revision > record.revision:
        return _compare_new(send, facts, record, all_batches)
    if send.revision < record.revision:
        changes = (Change("revision", record.revision, send.revision), *changes)
        return Comparison(SendState.EDITED, changes=changes, base_revision=base)
    sent = {request.batch for request in accepted(record)}
    if not sent and not unknown:
        return _compare_new(send, facts, record, all_batches)
    complete = len(sent) == record.expected_requests
    changes += _audience_changes(send, facts, record)
    if changes:
        mid_send = not complete and all(change.field == "recipients" for change in changes)
        state = SendState.AUDIENCE_CHANGED if mid_send else SendState.EDITED
        return Comparison(state, changes=changes, base_revision=base)
    if complete:
        return Comparison(SendState.DONE)
    pending = tuple(batch for batch in all_batches if batch not in sent)
    return Comparison(SendState.PARTIAL, pending=pending, unknown=unknown)


def accepted(record: SendRecord) -> tuple[RequestRecord, ...]:
    """Return the requests of one revision that the vendor accepted."""
    return tuple(request for request in record.requests if request.state is RequestState.SENT)


def sent_before(send: Send, record: SendRecord | None) -> tuple[SendRecord, ...]:
    """Return the earlier revisions with an accepted request, newest first.

    If there is one, a request of `send` reaches recipients again.
    """
    revisions = record.revisions if record else ()
    return tuple(
        revision for revision in revisions if revision.revision < send.revision and accepted(revision)
    )


def recipients_of(count: int, batches: Iterable[int]) -> int:
    """Return how many of `count` recipients these batches have together."""
    return sum(min(CONTACTS_PER_REQUEST, count - (batch - 1) * CONTACTS_PER_REQUEST) for batch in batches)


def may_be_in_progress(request: RequestRecord, now: datetime) -> bool:
    """Return whether a live run may be sending this request at `now`; a git ledger has no lock to check."""
    return request.state is RequestState.INTENT and now - request.counts_from < RUN_LOST_AFTER


def _compare_new(
    send: Send, facts: AudienceFacts | None, record: SendRecord, all_batches: tuple[int, ...]
) -> Comparison:
    """Compare a send that is sent whole with the newest accepted revision, else with the newest."""
    before = sent_before(send, record)
    base = before[0] if before else record
    changes = _payload_changes(send, base) + (_audience_changes(send, facts, base) if before else ())
    return Comparison(SendState.NEW, pending=all_batches, changes=changes, base_revision=base.revision)


def _repeatable(send: Send, record: SendRecord, unknown: tuple[RequestRecord, ...]) -> bool:
    return (
        send.endpoint.traits.repeatable
        and send.revision == record.revision
        and send.payload_digest == record.payload_digest
        and all(request in record.requests for request in unknown)
    )


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
    recorded = record.recipients
    if recorded is None or facts is None:
        same = recorded is None and facts is None
        return () if same else (Change("recipients", recorded and recorded.count, facts and facts.count),)
    same = facts.count == recorded.count and stretched_digest(send.address, facts.digest) == recorded.digest
    return () if same else (Change("recipients", recorded.count, facts.count),)
