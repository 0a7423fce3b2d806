"""The comparison of a ledger with the memory of this machine: the entries that the ledger lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.ledger.journal_entries import Delivered, Intent, RevisionStarted, Settled, Stopped
from sendspec.model import RequestKey, RequestState
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator

    from sendspec.ledger.journal_entries import Entry
    from sendspec.model import LedgerState, RequestRecord, SendRecord


def lost_entries(
    known: LedgerState, state: LedgerState, campaigns: Collection[str] | None
) -> tuple[Entry, ...]:
    """Return the entries that add to a ledger what this machine knows of its requests.

    Another project may send to the same account and target. So only the campaigns of the ledger and
    `campaigns`, those of the specs, count; None means all.
    """
    recorded = {
        name
        for record in state.sends.values()
        for request in record.all_requests
        for name in (request.vendor_id, *request.also_accepted)
    }
    own = {_campaign(address) for address in state.sends} | set(campaigns or ())
    return tuple(
        entry
        for address, record in known.sends.items()
        if campaigns is None or _campaign(address) in own
        for revision in reversed(record.revisions)
        for entry in _lost_of_revision(address, revision, state, recorded)
    )


def recalled_requests(entries: Iterable[Entry]) -> tuple[RequestKey, ...]:
    """Return the requests of such entries, sorted."""
    return tuple(sorted({entry.key for entry in entries if isinstance(entry, Intent | Settled)}))


def _campaign(address: str) -> str:
    return address.partition("/")[0]


def _lost_of_revision(
    address: str, revision: SendRecord, state: LedgerState, recorded_ids: Container[str | None]
) -> Iterator[Entry]:
    # A renamed send has moved, so an acceptance with a known id is not lost.
    lost = {
        key: request
        for request in revision.requests
        if (request.vendor_id is None or request.vendor_id not in recorded_ids)
        and _is_lost(request, state.request(key := RequestKey(address, revision.revision, request.batch)))
    }
    if not lost:
        return
    header = replace(revision, requests=(), earlier=())
    recorded = state.revision_of(next(iter(lost)))
    if recorded is None or not _is_fixed(recorded):
        yield RevisionStarted(address, header)
    for key, request in lost.items():
        yield from _entries_of(key, request)


def _is_lost(known: RequestRecord, recorded: RequestRecord | None) -> bool:
    """Return whether the ledger lacks that a request was started or accepted."""
    if known.state is RequestState.NOT_SENT:
        return False
    if recorded is None:
        return True
    if known.state is RequestState.SENT:
        ids = (None, recorded.vendor_id, *recorded.also_accepted)
        return recorded.state is not RequestState.SENT or known.vendor_id not in ids
    # A later outcome of another machine settles the request; an earlier refusal is about another attempt.
    return (
        recorded.state is RequestState.NOT_SENT
        and recorded.attempts <= known.attempts
        and recorded.at <= known.at
    )


def _is_fixed(record: SendRecord) -> bool:
    """Return whether the payload and the recipients of a revision cannot change any more."""
    return any(request.state is not RequestState.NOT_SENT for request in record.requests)


def _entries_of(key: RequestKey, request: RequestRecord) -> Iterator[Entry]:
    if request.state is RequestState.INTENT:
        yield Intent(key, request.at, request.attempts, request.run, request.since)
        return
    outcome = Settled.of(key, request)
    yield outcome
    for other in request.also_accepted:
        job_id = None if request.job_id is None else int(other)
        yield replace(outcome, job_id=job_id, transaction_id=None if job_id is not None else other)
    if request.delivery is not None:
        yield Delivered(key, request.delivery)
    if request.stop is not None:
        yield Stopped(key, request.stop)
