"""Moves of records: folded in any state, with entries under former addresses, and in merges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sendspec.audience import stretched_digest
from sendspec.compare import SendState, compare
from sendspec.ledger import Intent, Moved, RevisionStarted, Settled
from sendspec.ledger.codec import FileNames, lockfile_bytes, lockfile_state
from sendspec.ledger.journal_entries import fold
from sendspec.ledger.merge import Version, merge_versions
from sendspec.ledger.write_conflicts import valid_entries
from sendspec.model import LedgerState, Move, Recipients, RequestKey, RequestState, with_moves
from sendspec.structs import replace
from tests.ledgers import AT, accepted, record, started
from tests.test_compare import FACTS, send

if TYPE_CHECKING:
    from sendspec.ledger import Entry

A, B, C = "sale/a", "sale/b", "sale/c"
EMPTY = LedgerState("production", "api.example")


def moved(*pairs: str) -> Moved:
    """Return a move for each text such as `sale/a sale/b`."""
    return Moved(tuple(Move(*pair.split()) for pair in pairs))


def refused(address: str, batch: int = 1) -> Settled:
    return Settled(RequestKey(address, 1, batch), RequestState.NOT_SENT, AT, 1)


def states(state: LedgerState) -> dict[str, list[tuple[int, str]]]:
    """Return batch and state of each request by address."""
    return {
        address: [(request.batch, request.state.value) for request in record.all_requests]
        for address, record in state.sends.items()
    }


def test_a_moved_record_has_both_addresses() -> None:
    """Requests and records are found by every address of a chain, and the digest keeps its salt."""
    state = fold(EMPTY, [*started(A), accepted(A), moved(f"{A} {B}"), moved(f"{B} {C}")])
    assert states(state) == {C: [(1, "sent")]}
    assert {state.address_of(address) for address in (A, B, C)} == {C}
    for address in (A, B, C):
        assert state.request(RequestKey(address, 1, 1)) is not None
    recipients = state.sends[C].recipients
    assert recipients is not None
    assert recipients.salt == A


def test_entries_under_a_former_address_are_those_of_the_record() -> None:
    """A run from before the move writes the former address: its entries change the moved record."""
    later: list[Entry] = [Intent(RequestKey(A, 1, 2), AT), accepted(A, 2), RevisionStarted(A, record(2))]
    state = fold(EMPTY, [*started(A), accepted(A), moved(f"{A} {B}"), *later])
    assert states(state) == {B: [(1, "sent"), (2, "sent")]}
    assert [revision.revision for revision in state.sends[B].revisions] == [2, 1]
    assert all(revision.recipients and revision.recipients.salt == A for revision in state.sends[B].revisions)


def test_a_former_address_without_a_record_is_reserved() -> None:
    """A run of the former address that starts after the move starts the record of the new one."""
    state = fold(EMPTY, [moved(f"{A} {B}"), *started(A), accepted(A)])
    assert states(state) == {B: [(1, "sent")]}


def test_a_rename_back_moves_back() -> None:
    """The record is at the first address again, and the second one is its former address."""
    state = fold(EMPTY, [*started(A), moved(f"{A} {B}"), moved(f"{B} {A}"), accepted(B)])
    assert states(state) == {A: [(1, "sent")]}
    assert state.moved == {B: A}


def test_two_records_that_were_sent_stay_apart() -> None:
    """A move never hides a request that may have been sent."""
    both = fold(EMPTY, [*started(A), accepted(A), *started(B), accepted(B)])
    assert fold(both, [moved(f"{A} {B}")]) == both


@pytest.mark.parametrize("target_first", [True, False])
def test_a_record_that_was_not_sent_gives_way(target_first) -> None:
    """The record that may have been sent is the one that stays, whichever of the two it is."""
    sent, unsent = (B, A) if target_first else (A, B)
    entries = [*started(sent), accepted(sent), *started(unsent, 2), refused(unsent, 2)]
    state = fold(EMPTY, [*entries, moved(f"{A} {B}")])
    assert states(state) == {B: [(1, "sent"), (2, "not-sent")]}
    assert state.address_of(A) == B


ADDRESSES = st.sampled_from([A, B, C])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), ADDRESSES, st.integers(1, 3)),
        st.tuples(st.just("sent"), ADDRESSES, st.integers(1, 3)),
        st.tuples(st.just("refused"), ADDRESSES, st.integers(1, 3)),
        st.tuples(st.just("move"), ADDRESSES, ADDRESSES),
    ),
    max_size=9,
)


def entries_of(steps, state: LedgerState = EMPTY) -> list[Entry]:
    """Return valid entries of these steps: a request is settled only after its start."""
    entries: list[Entry] = []
    for kind, address, value in steps:
        new: list[Entry] = []
        if kind == "start":
            new = started(address, value)
        elif kind == "move":
            new = [Moved((Move(address, value),))]
        elif (known := state.request(RequestKey(address, 1, value))) and known.state.is_open:
            new = [accepted(address, value) if kind == "sent" else refused(address, value)]
        entries += new
        state = fold(state, new)
    return entries


@given(STEPS, STEPS)
def test_a_journal_with_moves_can_be_folded_twice(before, run) -> None:
    """A crash between the new lockfile and the removal of the journal changes no outcome.

    The journal of a run has its moves first, and then entries under the addresses of its specs.
    """
    state = fold(EMPTY, entries_of(before))
    moves = [Moved((Move(former, address),)) for kind, former, address in run if kind == "move"][:1]
    after = fold(state, moves)
    # No run moves a record to a send that may have been sent.
    assume(all(after.address_of(move.former) == move.address for entry in moves for move in entry.moves))
    steps = [(kind, after.address_of(address), value) for kind, address, value in run if kind != "move"]
    journal = [*moves, *entries_of(steps, after)]
    once = fold(state, journal)
    assert fold(once, journal) == once


@given(STEPS)
def test_no_move_loses_a_request(steps) -> None:
    """Every request that may have been sent is found under the address that its run used."""
    entries = entries_of(steps)
    state = fold(EMPTY, entries)
    for entry in entries:
        if isinstance(entry, Settled) and entry.state is RequestState.SENT:
            request = state.request(entry.key)
            assert request is not None
            assert request.state is RequestState.SENT


@given(STEPS)
def test_a_lockfile_keeps_moves(steps) -> None:
    """A state is read back equal from its lockfile."""
    state = fold(EMPTY, entries_of(steps))
    state = replace(state, sends={name: with_digests(record) for name, record in state.sends.items()})
    assert lockfile_state(lockfile_bytes(state), FileNames("lock", "journal"), EMPTY) == state


def with_digests(send_record):
    return replace(send_record, payload_digest="sha256:" + "a" * 64)


def test_the_recipients_are_compared_under_the_former_address() -> None:
    """The stretched digest was made with the former address, so the same list is no change."""
    header = replace(record(), recipients=Recipients(FACTS.count, stretched_digest(A, FACTS.digest)))
    state = fold(EMPTY, [RevisionStarted(A, header), Intent(RequestKey(A, 1, 1), AT), accepted(A)])
    state = with_moves(state, [Move(A, B)])
    now = replace(
        send(),
        address=B,
        payload=header.payload,
        payload_digest=header.payload_digest,
        contacts=send().contacts,
    )
    comparison = compare(now, FACTS, state.sends[B])
    assert (comparison.state, comparison.changes, comparison.pending) == (SendState.PARTIAL, (), (2, 3))


# ── other runs


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ([*started(A)], [moved(f"{A} {B}")]),
        ([*started(B)], [moved(f"{A} {B}")]),
        ([moved(f"{A} {B}"), *started(B)], [*started(A)]),
        ([moved(f"{A} {B}"), *started(A)], [*started(B)]),
    ],
)
def test_runs_with_both_addresses_conflict(theirs, ours) -> None:
    """Of a run with the rename and one without it, only one can start the send."""
    assert valid_entries(ours, fold(EMPTY, theirs), EMPTY) == []


@pytest.mark.parametrize("swapped", [False, True])
def test_a_merge_moves_the_record_of_the_other_version(swapped) -> None:
    """One version moved the record, the other one went on under the former address: nothing is lost."""
    start = fold(EMPTY, [*started(A), accepted(A)])
    ours = fold(start, [moved(f"{A} {B}"), Intent(RequestKey(B, 1, 2), AT), accepted(B, 2)])
    theirs = fold(start, [Intent(RequestKey(A, 1, 3), AT), accepted(A, 3)])
    versions = [Version("ours", ours), Version("theirs", theirs)]
    merged = merge_versions(versions[::-1] if swapped else versions)
    assert states(merged) == {B: [(1, "sent"), (2, "sent"), (3, "sent")]}
    assert merged.moved == {A: B}
