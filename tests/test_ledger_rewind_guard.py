"""The ledger branch when a person moves it back, replaces it or edits it, with real git."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sendspec.errors import LedgerError
from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.git_plumbing import BRANCH, SEEN
from sendspec.model import RequestState
from tests.branches import FIRST, SECOND, THIRD, Shared, during_git, text_of
from tests.ledgers import accepted, git, started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return Shared(tmp_path)


@pytest.fixture
def meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    return partial(during_git, tmp_path / "bin", monkeypatch)


def test_a_run_does_not_write_to_a_branch_that_was_moved_back(shared: Shared) -> None:
    """The append fails with the command that restores the branch, and no later step writes to the branch."""
    first = shared.tip()
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
        held = shared.tip()
        shared.move(first)
        with pytest.raises(LedgerError, match="no longer contains commit") as caught:
            session.append([accepted(FIRST), *started(SECOND)])
    command = f"`sendspec ledger merge {shared.clones[0]} --target production`"
    assert command in text_of(caught.value)
    assert "--force" not in text_of(caught.value)
    assert shared.tip() == first
    with pytest.raises(LedgerError, match=f"{held}, which this clone has read"):
        shared.ledger(0).open()
    assert shared.ledger(0).merge((), accept_edits=False).written
    state = shared.ledger(0).read()
    assert set(state.sends) == {FIRST}
    assert state.sends[FIRST].requests[0].state is RequestState.INTENT


def test_a_branch_that_was_moved_back_is_joined_with_what_it_lost(shared: Shared) -> None:
    """The merge keeps what runs wrote before and after the move, of every target, for every clone."""
    staging = GitLedger(shared.clones[0], "staging", "other.example", pauses=(0.0, 0.0))
    staging.create()
    first = shared.tip()
    with shared.ledger(0).open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
    with staging.open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
    lost = shared.tip()
    shared.move(first)
    with shared.ledger(1).open() as session:
        session.append([*started(SECOND), accepted(SECOND)])
    moved = shared.tip()
    result = shared.ledger(0).merge((), accept_edits=False)
    assert (result.written, [difference.key.address for difference in result.differences]) == (True, [SECOND])
    parents = git("rev-list", "--parents", "-1", BRANCH, where=shared.remote).split()[1:]
    assert lost in parents
    for clone in (0, 1):
        assert set(shared.ledger(clone).read().sends) == {FIRST, SECOND}
    assert set(staging.read().sends) == {FIRST}
    git("merge-base", "--is-ancestor", moved, BRANCH, where=shared.remote)
    assert not shared.ledger(0).merge((), accept_edits=False).written


def test_a_deleted_branch_is_created_again_from_the_clone(shared: Shared) -> None:
    """The merge brings back the last commit that this clone has read."""
    with shared.ledger(0).open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
    held = shared.tip()
    git("update-ref", "-d", BRANCH, where=shared.remote)
    assert shared.ledger(0).merge((), accept_edits=False).written
    assert shared.tip() == held
    assert set(shared.ledger(1).read().sends) == {FIRST}


def test_a_replaced_branch_stays_refused_after_another_run(shared: Shared) -> None:
    """A branch that was moved back stays refused after another run has written to it."""
    first = shared.tip()
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
        shared.move(first)
        with shared.ledger(1).open() as other:
            other.append(started(THIRD))
            other.append([accepted(THIRD)])
            moved = shared.tip()
            with pytest.raises(LedgerError, match="no longer contains commit"):
                session.append(started(SECOND))
            assert shared.tip() == moved


def test_a_branch_that_is_moved_back_before_the_fold_is_an_error(shared: Shared) -> None:
    """The fold may fail silently, but it reports a branch that was moved back."""
    first = shared.tip()
    session = shared.ledger(0).open()
    session.append([*started(FIRST), accepted(FIRST)])
    shared.move(first)
    with pytest.raises(LedgerError, match="no longer contains commit"), session:
        pass
    assert shared.tip() == first


def test_a_branch_that_is_deleted_during_a_run_is_not_created_again(shared: Shared) -> None:
    """The run reports the deletion, and read, open and `create` fail in its clone."""
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
        git("update-ref", "-d", BRANCH, where=shared.remote)
        with pytest.raises(LedgerError, match="it was deleted"):
            session.append(started(SECOND))
    for access in (shared.ledger(0).read, shared.ledger(0).open, shared.ledger(0).create):
        with pytest.raises(LedgerError, match="it was deleted") as caught:
            access()
        assert "init --ledger" not in text_of(caught.value)
    assert not git("for-each-ref", BRANCH, where=shared.remote)


def test_a_clone_remembers_the_tip_between_two_runs(shared: Shared) -> None:
    """A branch without the clone's last push is refused until a person deletes the stored tip."""
    first = shared.tip()
    with shared.ledger(0).open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
    held = shared.tip()
    shared.move(first)
    git("gc", "--quiet", "--prune=now", where=shared.clones[0])
    for access in (shared.ledger(0).read, shared.ledger(0).open, shared.ledger(0).create):
        with pytest.raises(LedgerError, match=f"{held}, which this clone has read") as caught:
            access()
        assert f"git update-ref -d {SEEN}" in text_of(caught.value)
    assert git("cat-file", "-t", held, where=shared.clones[0]) == "commit"
    git("update-ref", "-d", SEEN, where=shared.clones[0])
    assert shared.ledger(0).read().sends == {}


def test_a_killed_run_has_stored_its_tip(shared: Shared) -> None:
    """The tip is stored after each push, not at the end of the run."""
    first = shared.tip()
    shared.ledger(0).open().append(started(FIRST))
    shared.move(first)
    with pytest.raises(LedgerError, match="no longer contains commit"):
        shared.ledger(0).open()


def test_reading_stores_the_tip(shared: Shared) -> None:
    """A clone that has only read the branch detects that it was moved back."""
    first = shared.tip()
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
    shared.ledger(1).read()
    shared.move(first)
    with pytest.raises(LedgerError, match="no longer contains commit"):
        shared.ledger(1).read()


def test_runs_of_one_clone_share_the_stored_tip(shared: Shared) -> None:
    """Two sessions and a reader of one clone push and store tips in turns, without a false alarm."""
    ledger = shared.ledger(0)
    with ledger.open() as one, ledger.open() as other:
        for number in range(4):
            one.append(started(f"one/{number}"))
            other.append(started(f"other/{number}"))
            assert len(ledger.read().sends) == 2 * number + 2
    assert len(ledger.read().sends) == 8
    assert git("rev-parse", SEEN, where=shared.clones[0]) == shared.tip()


def test_a_push_between_fetch_and_comparison_is_not_a_rewind(shared: Shared, meanwhile) -> None:
    """A run of the same clone may push and store its tip between the fetch and the comparison."""
    before, after = shared.prepare_start(FIRST)
    shared.ledger(0).read()
    clone = shared.clones[0]
    git("fetch", "--quiet", str(shared.clones[1]), f"+{SEEN}:refs/kept", where=clone)
    then = f"$git -C {shared.remote} update-ref {BRANCH} {after}; $git -C {clone} update-ref {SEEN} {after}"
    assert (shared.tip(), git("rev-parse", SEEN, where=clone)) == (before, before)
    with meanwhile("for-each-ref", then):
        assert set(shared.ledger(0).read().sends) == {FIRST}


def test_the_stored_tip_of_another_run_is_not_overwritten(shared: Shared, meanwhile) -> None:
    """A slow run keeps the tip that another run has stored meanwhile."""
    clone = shared.clones[0]
    with meanwhile("update-ref", f"$git -C {clone} update-ref {SEEN} HEAD"):
        shared.ledger(0).open().append(started(FIRST))
    assert git("rev-parse", SEEN, where=clone) == git("rev-parse", "HEAD", where=clone)


def test_a_clone_that_cannot_store_the_tip_still_sends(shared: Shared) -> None:
    """A stale lock of the stored tip does not fail a run."""
    (shared.clones[0] / ".git" / f"{SEEN}.lock").touch()
    with shared.ledger(0).open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
    assert set(shared.ledger(1).read().sends) == {FIRST}
    assert set(shared.ledger(0).read().sends) == {FIRST}


def test_a_commit_that_removes_requests_is_refused(shared: Shared) -> None:
    """A run stops if its requests were removed, and restoring the files repairs the ledger."""
    empty = git("rev-parse", f"{BRANCH}^{{tree}}", where=shared.remote)
    with shared.ledger(0).open() as session:
        session.append([*started(FIRST), accepted(FIRST)])
        full = git("rev-parse", f"{BRANCH}^{{tree}}", where=shared.remote)
        shared.edit(empty)
        edited = shared.tip()
        with pytest.raises(LedgerError, match="what this run has read: sale/first#1 changed"):
            session.append(started(SECOND))
    assert shared.tip() == edited
    shared.edit(full)
    assert shared.ledger(0).read().sends[FIRST].requests[0].state is RequestState.SENT


def test_a_commit_that_removes_an_acceptance_is_refused(shared: Shared) -> None:
    """A run stops if an edit of the branch removes the outcome of a sent request."""
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
        intended = git("rev-parse", f"{BRANCH}^{{tree}}", where=shared.remote)
        session.append([accepted(FIRST)])
        shared.edit(intended)
        with pytest.raises(LedgerError, match="no longer contains what this run has read"):
            session.append(started(SECOND))


def test_an_invalid_entry_is_not_pushed(shared: Shared) -> None:
    """An entry about a request that was never started would make the branch unreadable."""
    before = shared.tip()
    with shared.ledger(0).open() as session, pytest.raises(LedgerError, match="was never started"):
        session.append([accepted(FIRST)])
    assert shared.tip() == before
    assert shared.ledger(1).read().sends == {}
