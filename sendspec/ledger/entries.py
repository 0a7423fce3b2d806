"""The four things a journal can say, and what they add up to.

An entry sets a fact and never adjusts one, so folding a journal twice gives what folding it once
gives: a crash between replacing the lockfile and removing the journal changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sendspec.model import RequestRecord, RequestState, SettledBy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sendspec.model import Delivery, LedgerState, OutcomeReason, RequestKey, SendRecord


@dataclass(frozen=True, slots=True)
class Fixed:
    """A revision of a send is begun: its payload and its recipients are fixed from here on."""

    address: str
    record: SendRecord


@dataclass(frozen=True, slots=True)
class Intent:
    """A request is about to be posted; `attempts` counts the posts of earlier runs."""

    key: RequestKey
    at: datetime
    attempts: int = 0
    run: str | None = None
    """Whose intent it is: two may intend the same in the same second, and only its own log settles it."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a request."""

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
    """Which run said so; in the ledger only of a run that is gone, whose log may know better."""

    @property
    def request(self) -> RequestRecord:
        """The request as it stands once this is known."""
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
        )


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the status call said of a request that was sent."""

    key: RequestKey
    delivery: Delivery


Entry = Fixed | Intent | Settled | Delivered


def named_after(entries: Iterable[Entry], run: str) -> list[Entry]:
    """Write the name of a run into its intents."""
    return [replace(entry, run=run) if isinstance(entry, Intent) else entry for entry in entries]


class Unfoldable(ValueError):
    """An entry speaks of something that no earlier entry began."""


def fold(state: LedgerState, entries: Iterable[Entry]) -> LedgerState:
    """Add entries to a state, in order.

    Raises:
        Unfoldable: an entry speaks of a send or request that was never begun.
    """
    books = _Books(state.sends)
    for entry in entries:
        match entry:
            case Fixed(address, record):
                books.fix(address, record)
            case Intent(key, at, attempts):
                books.find(key).set(
                    RequestRecord(key.batch, RequestState.INTENT, at, attempts, run=entry.run)
                )
            case Settled(key):
                books.find(key).set(entry.request)
            case Delivered(key, delivery):
                book = books.find(key)
                if key.batch not in book.requests:
                    raise Unfoldable(f"a delivery of {key}, which has no intent")
                book.requests[key.batch] = replace(book.requests[key.batch], delivery=delivery)
    return replace(state, sends=books.closed())


@dataclass(slots=True)
class _Book:
    """One revision of one send while it is being folded; of `header` only what is no request counts."""

    header: SendRecord
    requests: dict[int, RequestRecord]

    @classmethod
    def opened(cls, record: SendRecord) -> _Book:
        return cls(record, {request.batch: request for request in record.requests})

    def set(self, request: RequestRecord) -> None:
        known = self.requests.get(request.batch)
        if known is None or known.state is not RequestState.SENT:
            self.requests[request.batch] = request
        elif request.state is RequestState.SENT:
            self.requests[request.batch] = _both(known, request)
        # Else: an acceptance is never forgotten, whatever a run that knew less writes after it.

    def closed(self, earlier: tuple[SendRecord, ...]) -> SendRecord:
        requests = tuple(self.requests[batch] for batch in sorted(self.requests))
        return replace(self.header, requests=requests, earlier=earlier)


def _both(known: RequestRecord, later: RequestRecord) -> RequestRecord:
    """Keep two acceptances of one request: the first counts, and what else is known is never lost."""
    if later.vendor_id is None or later.vendor_id in (known.vendor_id, *known.also_accepted):
        return known
    if known.vendor_id is None:
        return replace(later, delivery=known.delivery, also_accepted=known.also_accepted)
    return replace(known, also_accepted=(*known.also_accepted, later.vendor_id))


class _Books:
    """The sends of a state, each opened only once an entry speaks of it."""

    def __init__(self, sends: Mapping[str, SendRecord]) -> None:
        self._sends = sends
        self._open: dict[str, dict[int, _Book]] = {}

    def find(self, key: RequestKey) -> _Book:
        found = self._of(key.address).get(key.revision)
        if found is None:
            raise Unfoldable(f"an entry of {key} revision {key.revision}, which was never begun")
        return found

    def fix(self, address: str, record: SendRecord) -> None:
        book = self._of(address).setdefault(record.revision, _Book.opened(record))
        book.header = record

    def closed(self) -> dict[str, SendRecord]:
        folded = {address: _closed(books) for address, books in self._open.items()}
        sends = {**self._sends, **folded}
        return dict(sorted(sends.items())) if len(sends) > len(self._sends) else sends

    def _of(self, address: str) -> dict[int, _Book]:
        if address not in self._open:
            latest = self._sends.get(address)
            revisions = latest.revisions if latest else ()
            self._open[address] = {record.revision: _Book.opened(record) for record in revisions}
        return self._open[address]


def _closed(books: Mapping[int, _Book]) -> SendRecord:
    newest, *older = sorted(books, reverse=True)
    return books[newest].closed(tuple(books[revision].closed(()) for revision in older))
