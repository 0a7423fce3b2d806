"""Journal entries, and the fold that applies them to a ledger state.

An entry sets a fact and never adjusts one, so folding a journal twice equals folding it once.
Therefore a crash between the new lockfile and the removal of the journal changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from msgspec import Struct

from sendspec.model import OutcomeReason, RequestKey, RequestRecord, RequestState, SettledBy, with_moves
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sendspec.model import Delivery, JobStop, LedgerState, Move, SendRecord


class RevisionStarted(Struct, frozen=True):
    """A revision of a send was started, which fixes its payload and its recipients."""

    address: str
    record: SendRecord


class Intent(Struct, frozen=True):
    """A request is about to be posted; `attempts` counts the posts of earlier runs."""

    key: RequestKey
    at: datetime
    attempts: int = 0
    run: str | None = None
    """The run that will post it: only the log of that run proves that the request was not sent."""
    since: datetime | None = None
    """The first intent of which the outcome is unknown, if this one repeats a request."""


class Settled(Struct, frozen=True):
    """The outcome of a request."""

    key: RequestKey
    state: RequestState
    at: datetime
    attempts: int
    job_id: int | None = None
    transaction_id: str | None = None
    reason: OutcomeReason | None = None
    evidence: str | None = None
    settled_by: SettledBy = SettledBy.RUN
    run: str | None = None
    """The lost run whose log may hold the outcome; None if the outcome is final."""
    since: datetime | None = None
    """The first intent of which the outcome is unknown; None if that is `at`."""

    @classmethod
    def of(cls, key: RequestKey, request: RequestRecord) -> Self:
        """Return the entry after which a request has this record."""
        return cls(
            key=key,
            state=request.state,
            at=request.at,
            attempts=request.attempts,
            job_id=request.job_id,
            transaction_id=request.transaction_id,
            reason=request.reason,
            evidence=request.evidence,
            settled_by=request.settled_by,
            run=request.run,
            since=request.since,
        )

    @property
    def request(self) -> RequestRecord:
        """The record of the request after this entry."""
        return RequestRecord(
            batch=self.key.batch,
            state=self.state,
            at=self.at,
            attempts=self.attempts,
            job_id=self.job_id,
            transaction_id=self.transaction_id,
            reason=self.reason,
            evidence=self.evidence,
            settled_by=self.settled_by,
            run=self.run,
            since=self.since,
        )


class Delivered(Struct, frozen=True):
    """The answer of the status call for a request that was sent."""

    key: RequestKey
    delivery: Delivery


class Stopped(Struct, frozen=True):
    """A person stopped the send job of a request at the vendor; the request remains sent."""

    key: RequestKey
    stop: JobStop


class Moved(Struct, frozen=True):
    """Sends were renamed, so their records move, and requests of their former addresses are theirs."""

    moves: tuple[Move, ...]


Entry = RevisionStarted | Intent | Settled | Delivered | Stopped | Moved


class OrphanEntry(ValueError):
    """An entry refers to a revision or a request that no earlier entry started."""


def with_run(entries: Iterable[Entry], run: str) -> list[Entry]:
    """Return the entries with the name of a run in each intent."""
    return [replace(entry, run=run) if isinstance(entry, Intent) else entry for entry in entries]


def lost_intents(state: LedgerState) -> tuple[Settled, ...]:
    """Return an `unknown` outcome for every open intent of a ledger whose earlier runs have all ended.

    `at` and `run` remain those of the intent, because they identify the log that may settle it.
    """
    return tuple(
        Settled(
            key=RequestKey(address, revision.revision, request.batch),
            state=RequestState.UNKNOWN,
            at=request.at,
            attempts=request.attempts,
            run=request.run,
            reason=OutcomeReason.RUN_LOST,
            since=request.since,
        )
        for address, record in state.sends.items()
        for revision in record.revisions
        for request in revision.requests
        if request.state is RequestState.INTENT
    )


def fold(state: LedgerState, entries: Iterable[Entry]) -> LedgerState:
    """Return the state after these entries, applied in order.

    Raises:
        OrphanEntry: an entry refers to a revision or a request that was never started.
    """
    sends = _SendsBuilder(state)
    for entry in entries:
        match entry:
            case RevisionStarted(address, record):
                sends.start_revision(address, record)
            case Intent(key, at, attempts, run, since):
                sends.revision(key).set_request(
                    RequestRecord(key.batch, RequestState.INTENT, at, attempts, run=run, since=since)
                )
            case Settled(key):
                sends.revision(key).set_request(entry.request)
            case Delivered(key, delivery):
                sends.revision(key).set_delivery(key, delivery)
            case Stopped(key, stop):
                sends.revision(key).set_stop(key, stop)
            case Moved(moves):
                sends = _SendsBuilder(with_moves(sends.build(), moves))
    return sends.build()


class _RevisionBuilder(Struct):
    """One revision of one send during a fold; the requests of `header` are ignored."""

    header: SendRecord
    requests: dict[int, RequestRecord]

    @classmethod
    def from_record(cls, record: SendRecord) -> _RevisionBuilder:
        return cls(record, {request.batch: request for request in record.requests})

    def set_request(self, request: RequestRecord) -> None:
        known = self.requests.get(request.batch)
        if known is None or known.state is not RequestState.SENT:
            self.requests[request.batch] = request
        elif request.state is RequestState.SENT:
            self.requests[request.batch] = _merge_acceptances(known, request)
        # An acceptance is never overwritten, because a run without that information may write later.

    def set_delivery(self, key: RequestKey, delivery: Delivery) -> None:
        if key.batch not in self.requests:
            raise OrphanEntry(f"the delivery of {key} has no intent before it")
        self.requests[key.batch] = replace(self.requests[key.batch], delivery=delivery)

    def set_stop(self, key: RequestKey, stop: JobStop) -> None:
        if key.batch not in self.requests:
            raise OrphanEntry(f"the stop of {key} has no intent before it")
        self.requests[key.batch] = replace(self.requests[key.batch], stop=stop)

    def build(self, earlier: tuple[SendRecord, ...]) -> SendRecord:
        requests = tuple(self.requests[batch] for batch in sorted(self.requests))
        return replace(self.header, requests=requests, earlier=earlier)


def _merge_acceptances(known: RequestRecord, later: RequestRecord) -> RequestRecord:
    """Return the first of two acceptances of one request, with every id and the delivery."""
    if later.vendor_id is None or later.vendor_id in (known.vendor_id, *known.also_accepted):
        return known
    if known.vendor_id is None:
        return replace(later, delivery=known.delivery, also_accepted=known.also_accepted, stop=known.stop)
    return replace(known, also_accepted=(*known.also_accepted, later.vendor_id))


class _SendsBuilder:
    """The sends of a state during a fold; only sends with entries are copied.

    A run of specs from before a rename writes the former address of a send.
    """

    def __init__(self, state: LedgerState) -> None:
        self._state = state
        self._changed: dict[str, dict[int, _RevisionBuilder]] = {}

    def revision(self, key: RequestKey) -> _RevisionBuilder:
        revision = self._revisions(self._state.address_of(key.address)).get(key.revision)
        if revision is None:
            raise OrphanEntry(f"revision {key.revision} of {key.address} was never started")
        return revision

    def start_revision(self, address: str, record: SendRecord) -> None:
        current = self._state.address_of(address)
        if current != address and record.recipients is not None and record.recipients.salt is None:
            record = replace(record, recipients=replace(record.recipients, salt=address))
        revisions = self._revisions(current)
        revision = revisions.setdefault(record.revision, _RevisionBuilder.from_record(record))
        revision.header = record

    def build(self) -> LedgerState:
        if not self._changed:
            return self._state
        changed = {address: _build_send(revisions) for address, revisions in self._changed.items()}
        known = self._state.sends
        sends = {**known, **changed}
        ordered = dict(sorted(sends.items())) if len(sends) > len(known) else sends
        return replace(self._state, sends=ordered)

    def _revisions(self, address: str) -> dict[int, _RevisionBuilder]:
        if address not in self._changed:
            latest = self._state.sends.get(address)
            records = latest.revisions if latest else ()
            self._changed[address] = {
                record.revision: _RevisionBuilder.from_record(record) for record in records
            }
        return self._changed[address]


def _build_send(revisions: Mapping[int, _RevisionBuilder]) -> SendRecord:
    newest, *older = sorted(revisions, reverse=True)
    return revisions[newest].build(tuple(revisions[revision].build(()) for revision in older))
