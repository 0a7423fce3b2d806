"""Moves of records from a former address of a send to its current one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model.records import LedgerState, SendRecord


class Move(NamedTuple):
    """A send that was renamed: its record moves from the address `former` to `address`.

    `axes` are the names of the matrix axes, in the order of their values in `address`.
    """

    former: str
    address: str
    axes: tuple[str, ...] = ()


def with_moves(state: LedgerState, moves: Iterable[Move]) -> LedgerState:
    """Return the state after these moves, applied in order; a move that was applied changes nothing.

    A move is valid before its send has a record, so that no other run starts the send under its former
    address. If both addresses may have been sent, each keeps its record.
    """
    moves = tuple(moves)
    if not moves:
        return state
    sends, moved = dict(state.sends), dict(state.moved)
    current = replace(state, sends=sends, moved=moved)
    for move in moves:
        if move.former != move.address:
            _move(current, sends, moved, move)
    return replace(state, sends=dict(sorted(sends.items())), moved=dict(sorted(moved.items())))


def _move(state: LedgerState, sends: dict[str, SendRecord], moved: dict[str, str], move: Move) -> None:
    source, target = state.address_of(move.former), state.address_of(move.address)
    record, other = sends.get(source), sends.get(target)
    if record is None and source != target:
        moved[source] = target
        return
    if source == move.address:
        return
    if record is None:
        _reserve_again(moved, source, move.address)
        return
    if other is not None and source != target:
        if record.may_have_been_sent and other.may_have_been_sent:
            return
        record = _merged(record, source, other, target)
        del sends[target]
    else:
        record = _salted(record, source)
    del sends[source]
    moved.pop(move.address, None)
    sends[move.address] = _with_axes(record, move.axes) if move.axes else record
    for former in {source, target} - {move.address}:
        moved[former] = move.address


def _reserve_again(moved: dict[str, str], source: str, address: str) -> None:
    """Turn the reservation of a former address around, after a rename back before anything was sent."""
    del moved[address]
    moved[source] = address


def _salted(record: SendRecord, address: str) -> SendRecord:
    """Return a record whose digests name the address in them, because the record gets another one."""
    revisions = [
        revision
        if revision.recipients is None or revision.recipients.salt is not None
        else replace(revision, recipients=replace(revision.recipients, salt=address))
        for revision in record.revisions
    ]
    return _of_revisions(revisions)


def _merged(record: SendRecord, source: str, other: SendRecord, target: str) -> SendRecord:
    """Return two records of one send as one; requests that may have been sent win."""
    first, second = _salted(record, source), _salted(other, target)
    if second.may_have_been_sent:
        first, second = second, first
    revisions = {revision.revision: revision for revision in second.revisions}
    for revision in first.revisions:
        before = revisions.get(revision.revision)
        requests = {request.batch: request for request in before.requests} if before else {}
        requests |= {request.batch: request for request in revision.requests}
        revisions[revision.revision] = replace(
            revision, requests=tuple(requests[batch] for batch in sorted(requests))
        )
    return _of_revisions([revisions[number] for number in sorted(revisions, reverse=True)])


def _with_axes(record: SendRecord, axes: tuple[str, ...]) -> SendRecord:
    return _of_revisions([replace(revision, axes=axes) for revision in record.revisions])


def _of_revisions(revisions: list[SendRecord]) -> SendRecord:
    newest, *older = (replace(revision, earlier=()) for revision in revisions)
    return replace(newest, earlier=tuple(older))
