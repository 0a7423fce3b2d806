"""The comparison of a send with its record in the ledger: one answer for rules, plan and apply."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.audience import stretched_digest
from sendspec.model import CONTACTS_PER_REQUEST, Change, IdKind, RequestState, VendorJob, requests_for
from sendspec.protocol_limits import RUN_LOST_SECONDS
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sendspec.model import AudienceFacts, PlannedSend, RequestRecord, Send, SendRecord

RUN_LOST_AFTER: Final = timedelta(seconds=RUN_LOST_SECONDS)


class SendState(Enum):
    """The state of a send according to the ledger."""

    NEW = auto()
    """No request of this revision was accepted, so all may be sent, edited or not."""
    PARTIAL = auto()
    """Some requests were accepted; the rest may be sent."""
    DONE = auto()
    """Every request was accepted; the recipients may have changed since."""
    EDITED = auto()
    """The specs differ from what was sent, and the revision was not raised."""
    AUDIENCE_CHANGED = auto()
    """Some requests were accepted, and the recipients changed since."""
    UNKNOWN = auto()
    """The outcome of a request is unknown, and repeating it could send it twice."""


class Comparison(Struct, frozen=True):
    """The state of a send, the batches that may be sent, the changes, and the unknown requests.

    `base_revision` is the revision that `changes` compare with: the newest accepted one if the send
    is sent again, else the newest in the ledger. `finished` means that nothing of the send remains to be
    sent, as `is_finished` decides.
    """

    state: SendState
    pending: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    unknown: tuple[RequestRecord, ...] = ()
    base_revision: int | None = None
    finished: bool = False


def compare(  # noqa: PLR0911 - a decision table, one return a row
    send: Send, facts: AudienceFacts | None, record: SendRecord | None, *, same_list: bool | None = None
) -> Comparison:
    """Return how a send and its audience differ from their record; pure.

    `same_list` says whether a finished send still has the list of its record, None if that is not known yet.

    A finished send does not depend on its list, so other recipients do not make it edited, and `facts` may
    be None if the list cannot be read. Without a list that this machine does not have, recipients are not
    compared: the plan blocks such a send.

    An unknown contact-source request is not `UNKNOWN` while the spec describes the same POST: the
    vendor refuses a second job of the same `messageName`, so repeating it is safe.
    """
    requests = _requests(send, record) if facts is None else requests_for(facts.count)
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
        finished = is_finished(send, record)
        return Comparison(SendState.EDITED, changes=changes, base_revision=base, finished=finished)
    sent = {request.batch for request in accepted(record)}
    if not sent and not unknown:
        return _compare_new(send, facts, record, all_batches)
    audience_changes = _audience_changes(send, facts, record, same_list=same_list)
    all_changes = (*changes, *audience_changes)
    if is_finished(send, record):
        state = SendState.EDITED if changes else SendState.DONE
        compared = base if all_changes else None
        return Comparison(state, changes=all_changes, base_revision=compared, finished=True)
    if all_changes:
        state = SendState.EDITED if changes else SendState.AUDIENCE_CHANGED
        return Comparison(state, changes=all_changes, base_revision=base)
    pending = tuple(batch for batch in all_batches if batch not in sent)
    return Comparison(SendState.PARTIAL, pending=pending, unknown=unknown)


def is_finished(send: Send, record: SendRecord | None) -> bool:
    """Return whether nothing of a send remains to be sent, also if its text or its list differs now.

    Every request of the newest revision was accepted, the specs do not raise the revision, and no
    outcome is unknown.
    """
    return (
        record is not None
        and send.revision <= record.revision
        and len(accepted(record)) == record.expected_requests
        and not any(request.state.is_open for request in record.all_requests)
    )


def accepted(record: SendRecord) -> tuple[RequestRecord, ...]:
    """Return the requests of one revision that the vendor accepted."""
    return tuple([request for request in record.requests if request.state is RequestState.SENT])


def sent_before(send: Send, record: SendRecord | None) -> tuple[SendRecord, ...]:
    """Return the earlier revisions with an accepted request that was not stopped, newest first.

    If there is one, a request of `send` reaches recipients again.
    """
    if record is None:
        return ()
    return tuple(
        revision
        for revision in record.revisions
        if revision.revision < send.revision and not all(request.is_stopped for request in accepted(revision))
    )


def due_date(record: SendRecord) -> datetime | None:
    """Return when the vendor starts the send job of a revision, None if immediately."""
    scheduled = record.payload.get("scheduledDate")
    if record.endpoint.traits.id_kind is IdKind.JOB and isinstance(scheduled, str):
        with suppress(InvalidDateTime):  # A project may switch off the rule that refuses it.
            return parse_datetime(scheduled)
    return None


def jobs_at_vendor(record: SendRecord | None, now: datetime) -> tuple[VendorJob, ...]:
    """Return the send jobs of all revisions that the vendor has at `now` and will start, newest first."""
    revisions = record.revisions if record else ()
    return tuple(
        VendorJob(revision.revision, request, due)
        for revision in revisions
        if (due := due_date(revision)) is not None and due > now
        for request in accepted(revision)
        if not request.is_stopped
    )


def is_stopped(record: SendRecord) -> bool:
    """Return whether a person stopped every accepted request of a revision."""
    requests = accepted(record)
    return bool(requests) and all(request.is_stopped for request in requests)


def has_recipients(record: SendRecord, address: str, facts: AudienceFacts) -> bool:
    """Return whether a record of this address has exactly these recipients; takes 35 ms if counts agree."""
    recorded = record.recipients
    if recorded is None or facts.count != recorded.count:
        return False
    return stretched_digest(recorded.salt or address, facts.digest) == recorded.digest


def is_sent_in_part(planned: PlannedSend) -> bool:
    """Return whether the vendor accepted requests of this revision, some of them or all."""
    record = planned.record
    return record is not None and record.revision == planned.send.revision and bool(accepted(record))


def recipients_of(count: int, batches: Iterable[int]) -> int:
    """Return how many of `count` recipients these batches have together."""
    return sum(min(CONTACTS_PER_REQUEST, count - (batch - 1) * CONTACTS_PER_REQUEST) for batch in batches)


def may_be_in_progress(request: RequestRecord, now: datetime) -> bool:
    """Return whether a live run may be sending this request at `now`; a git ledger has no lock to check."""
    return request.state is RequestState.INTENT and now - request.counts_from < RUN_LOST_AFTER


def _requests(send: Send, record: SendRecord | None) -> int:
    """Return the requests of a send without facts: those of its record if this machine lacks its list."""
    if record is None or record.revision != send.revision or not send.absent_lists:
        return 1
    return record.expected_requests


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
        if sent != now and not _is_same_text(sent, now):
            changes.append(Change(name, sent, now))
    return tuple(changes)


def _is_same_text(sent: object, now: object) -> bool:
    """Return whether two texts differ only in their Unicode form, which an editor may change."""
    if not (isinstance(sent, str) and isinstance(now, str)):
        return False
    return unicodedata.normalize("NFC", sent) == unicodedata.normalize("NFC", now)


def _audience_changes(
    send: Send, facts: AudienceFacts | None, record: SendRecord, *, same_list: bool | None = None
) -> tuple[Change, ...]:
    recorded = record.recipients
    if facts is None and send.has_outside_lists:
        return ()  # The recipients are not known here, and the plan sends nothing without its lists.
    if recorded is None or facts is None:
        same = recorded is None and facts is None
        return () if same else (Change("recipients", recorded and recorded.count, facts and facts.count),)
    same = has_recipients(record, send.address, facts) if same_list is None else same_list
    return () if same else (Change("recipients", recorded.count, facts.count),)
