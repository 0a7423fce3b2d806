"""The comparison of what a run wants to append with what other runs wrote meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.errors import SentTwice
from sendspec.ledger.journal_entries import Intent, Moved, RevisionStarted, Settled
from sendspec.model import RequestKey, RequestState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.ledger.journal_entries import Entry
    from sendspec.model import LedgerState


def valid_entries(entries: Sequence[Entry], now: LedgerState, planned: LedgerState) -> list[Entry]:
    """Return the entries that are still true after what other runs wrote.

    `planned` is the state that this run expects, `now` is the ledger. A later run may consider this
    one lost and repeat its request. Then that request may be accepted, so a not-sent outcome of this
    run no longer counts. Starts and intents are omitted together if one of their requests or sends
    changed.
    """
    valid = [
        entry
        for entry in entries
        if not (isinstance(entry, Settled) and entry.state is RequestState.NOT_SENT)
        or now.request(entry.key) == planned.request(entry.key)
    ]
    if _has_conflict(valid, now, planned):
        valid = [entry for entry in valid if not isinstance(entry, RevisionStarted | Intent | Moved)]
    return valid


def lost_requests(before: LedgerState, now: LedgerState) -> Iterator[RequestKey]:
    """Yield the requests that disappeared or are no longer sent, which no run of sendspec causes."""
    for address, latest in before.sends.items():
        for record in latest.revisions:
            for request in record.requests:
                key = RequestKey(address, record.revision, request.batch)
                current = now.request(key)
                was_sent = request.state is RequestState.SENT
                if current is None or (was_sent and current.state is not RequestState.SENT):
                    yield key


def double_acceptances(before: LedgerState, entries: Sequence[Entry]) -> tuple[RequestKey, ...]:
    """Return the requests of `entries` that `before` has as accepted under another id."""
    keys = []
    for entry in entries:
        if not isinstance(entry, Settled) or entry.state is not RequestState.SENT:
            continue
        known = before.request(entry.key)
        known_ids = known.vendor_ids if known is not None else ()
        if known_ids and not set(entry.request.vendor_ids) <= set(known_ids):
            keys.append(entry.key)
    return tuple(keys)


def sent_twice(keys: Sequence[RequestKey]) -> SentTwice | None:
    """Return the error about requests that were accepted twice, None if there are none."""
    if not keys:
        return None
    names = ", ".join(map(str, sorted(set(keys))))
    return SentTwice(
        f"accepted twice, under two ids, so the recipients got it twice: {names}",
        hint="look up both ids of the ledger in the vendor's reports, and find out which runs sent them",
    )


def _has_conflict(entries: Sequence[Entry], now: LedgerState, planned: LedgerState) -> bool:
    """Return whether a request or a send that `entries` start has changed."""
    keys = [entry.key for entry in entries if isinstance(entry, Intent)]
    addresses = {key.address for key in keys}
    addresses.update(entry.address for entry in entries if isinstance(entry, RevisionStarted))
    moves = [move for entry in entries if isinstance(entry, Moved) for move in entry.moves]
    addresses.update(address for move in moves for address in (move.former, move.address))
    return any(now.request(key) != planned.request(key) for key in keys) or any(
        _revisions(now, address) != _revisions(planned, address) for address in addresses
    )


def _revisions(state: LedgerState, address: str) -> tuple[tuple[int, str], ...]:
    latest = state.record_of(address)
    return tuple((record.revision, record.payload_digest) for record in latest.revisions) if latest else ()
