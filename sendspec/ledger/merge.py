"""Merge of versions of a ledger: the result has every request of each version.

Two branches of a repository, or two copies of a lockfile, can both have grown. The merge never drops
what may have been sent, because a request without a record would be sent again.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sendspec.errors import LedgerError
from sendspec.model import GroupDigests, Move, RequestKey, RequestState, with_moves
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sendspec.model import LedgerState, RequestRecord, SendRecord


class Version(NamedTuple):
    """One version of a ledger, and its name for people: "ours", "theirs" or the name of a file."""

    name: str
    state: LedgerState


class Difference(Struct, frozen=True):
    """A request that is not the same in all versions, in the order of the versions."""

    key: RequestKey
    found: tuple[RequestRecord | None, ...]
    merged: RequestRecord


class MergeResult(Struct, frozen=True):
    """The merged state, the versions it is from, and whether the ledger had to be written.

    `checked` is false if the versions are the two sides of conflict markers, which have no valid digest.
    """

    state: LedgerState
    versions: tuple[Version, ...]
    written: bool = False
    checked: bool = True

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The requests that are not the same in all versions, sorted."""
        return tuple(_differences(self))


def merge_versions(versions: Sequence[Version], base: LedgerState | None = None) -> LedgerState:
    """Return the state with every request of all versions; the order of the versions does not matter.

    A record that one version has moved to another address is moved in all of them. `base` is the version
    that two others grew from. A request that only one of them changed is that one's.
    Otherwise an acceptance counts, then an open request, then the later one. Of two acceptances both
    ids are kept.

    Raises:
        LedgerError: a revision was sent with two payloads or lists, so one record cannot have both.
    """
    moves = sorted({Move(*item) for version in versions for item in version.state.moved.items()})
    moved = [version._replace(state=with_moves(version.state, moves)) for version in versions]
    moved_base = None if base is None else with_moves(base, moves)
    merged = reduce(lambda one, other: _merge_pair(one, other, moved_base), moved[1:], moved[0]).state
    return merged if len(versions) == 1 else replace(merged, groups=GroupDigests())


def _merge_pair(one: Version, other: Version, base: LedgerState | None) -> Version:
    addresses = sorted({*one.state.sends, *other.state.sends})
    sends = {address: _merge_send(address, one, other, base) for address in addresses}
    serial = max(one.state.serial, other.state.serial)
    formers = {**one.state.moved, **other.state.moved}
    return Version(one.name, replace(one.state, sends=sends, serial=serial, moved=formers))


def _merge_send(address: str, one: Version, other: Version, base: LedgerState | None) -> SendRecord:
    left, right = _revisions(one.state, address), _revisions(other.state, address)
    base_records = _revisions(base, address) if base is not None else {}
    records = []
    for revision in sorted({*left, *right}, reverse=True):
        if revision not in left or revision not in right:
            records.append(replace((left | right)[revision], earlier=()))
            continue
        pair = left[revision], right[revision]
        header = _merge_headers(address, one.name, other.name, *pair)
        records.append(replace(header, requests=_merge_requests(*pair, base_records.get(revision))))
    return replace(records[0], earlier=tuple(records[1:]))


def _revisions(state: LedgerState, address: str) -> dict[int, SendRecord]:
    latest = state.sends.get(address)
    return {record.revision: record for record in latest.revisions} if latest else {}


def _merge_headers(
    address: str, one_name: str, other_name: str, one: SendRecord, other: SendRecord
) -> SendRecord:
    """Return what a revision was sent with, without requests; only one of two may have been sent."""
    axes = max(one.axes, other.axes)  # Lockfiles of the first versions do not have the axes.
    headers = [replace(record, requests=(), earlier=(), axes=axes) for record in (one, other)]
    if headers[0] == headers[1]:
        return headers[0]
    sent = [_may_be_sent(record) for record in (one, other)]
    if all(sent):
        raise LedgerError(
            f"revision {one.revision} of {address} was sent with different content in {one_name} and "
            f"{other_name}",
            hint="give one of the two records the next revision, then merge both with "
            "`--with FILE --accept-edits`",
        )
    if any(sent):
        return headers[sent.index(True)]
    newest = max((one, other), key=lambda record: (_newest(record), record.payload_digest))
    return headers[(one, other).index(newest)]


def _may_be_sent(record: SendRecord) -> bool:
    return any(request.state is not RequestState.NOT_SENT for request in record.requests)


def _newest(record: SendRecord) -> float:
    return max((request.at.timestamp() for request in record.requests), default=0.0)


def _merge_requests(one: SendRecord, other: SendRecord, base: SendRecord | None) -> tuple[RequestRecord, ...]:
    batches = sorted({request.batch for request in (*one.requests, *other.requests)})
    return tuple(
        _merge_request(one.request(batch), other.request(batch), base.request(batch) if base else None)
        for batch in batches
    )


def _merge_request(
    one: RequestRecord | None, other: RequestRecord | None, base: RequestRecord | None
) -> RequestRecord:
    if one is None or other is None:
        present = one or other
        assert present is not None  # noqa: S101 - a batch is from one of the two
        return present
    acceptances = [request for request in (one, other) if request.state is RequestState.SENT]
    if len(acceptances) == 2:  # noqa: PLR2004 - both
        return _merge_acceptances(one, other)
    if acceptances:
        return acceptances[0]
    if base in (one, other):
        return other if one == base else one
    # Without a common version it is not known if a refusal is about the same attempt as an open request
    # of the other version, so the open request is kept, although it may be older.
    kept = max((one, other), key=lambda request: (request.state.is_open, request.at, request.state.value))
    first_at = min(request.first_at for request in (one, other) if request.state.is_open or request is kept)
    return replace(kept, since=first_at) if first_at < kept.first_at else kept


def _merge_acceptances(one: RequestRecord, other: RequestRecord) -> RequestRecord:
    """Return the earlier of two acceptances of one request, with every id, its newest delivery and a stop."""
    first, second = sorted((one, other), key=lambda r: (r.vendor_id is None, r.at, r.vendor_id or ""))
    ids = dict.fromkeys((*first.also_accepted, second.vendor_id, *second.also_accepted))
    deliveries = [
        request.delivery
        for request in (first, second)
        if request.delivery is not None and request.vendor_id == first.vendor_id
    ]
    return replace(
        first,
        also_accepted=tuple(name for name in ids if name not in (None, first.vendor_id)),
        delivery=max(
            deliveries, key=lambda delivery: delivery.at.timestamp() if delivery.at else 0.0, default=None
        ),
        stop=max(
            (request.stop for request in (first, second) if request.stop is not None),
            key=lambda stop: (len(stop.jobs), stop.at, stop.evidence),
            default=None,
        ),
    )


def _differences(result: MergeResult) -> Iterator[Difference]:
    for key, merged in requests_of(result.state.sends):
        found = tuple(version.state.request(key) for version in result.versions)
        if any(request != merged for request in found):
            yield Difference(key, found, merged)


def requests_of(sends: Mapping[str, SendRecord]) -> Iterator[tuple[RequestKey, RequestRecord]]:
    """Yield every request of every revision with its key, sorted by address."""
    for address in sorted(sends):
        for record in sends[address].revisions:
            for request in record.requests:
                yield RequestKey(address, record.revision, request.batch), request
