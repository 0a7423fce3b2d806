"""The branch of the git ledger when somebody moves it back, replaces it or edits it; with real git."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sendspec.errors import LedgerError
from sendspec.ledger.git_plumbing import BRANCH, SEEN
from sendspec.model import RequestState
from tests.branches import FIRST, SECOND, THIRD, Shared, strangely, told
from tests.ledgers import accepted, begun, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return Shared(tmp_path)


@pytest.fixture
def meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    return partial(strangely, tmp_path / "bin", monkeypatch)


def test_a_run_writes_nothing_to_a_branch_that_was_moved_back(shared: Shared) -> None:
    """The append fails, names the commit and the way out; neither it nor what follows touches the branch."""
    begin = shared.tip()
    with shared.ledger(0).open() as session:
        session.append(begun(FIRST))
        held = shared.tip()
        shared.move(begin)
        with pytest.raises(LedgerError, match="moved back or replaced") as caught:
            session.append([accepted(FIRST), *begun(SECOND)])
    assert f"git push --force origin {held}:{BRANCH}" in told(caught.value)
    assert "resolve --from-log" in told(caught.value)
    assert shared.tip() == begin
    with pytest.raises(LedgerError, match=f"{held}, which this clone had read"):
        shared.ledger(0).open()
    git("push", "--quiet", "--force", "origin", f"{held}:{BRANCH}", where=shared.clones[0])
    state = shared.ledger(0).read()
    assert set(state.sends) == {FIRST}
    assert state.sends[FIRST].requests[0].state is RequestState.INTENT


def test_a_branch_that_was_replaced_is_not_the_one_that_was_read(shared: Shared) -> None:
    """That another run has written to the old commit meanwhile makes it no better."""
    begin = shared.tip()
    with shared.ledger(0).open() as session:
        session.append(begun(FIRST))
        shared.move(begin)
        with shared.ledger(1).open() as other:
            other.append(begun(THIRD))
            other.append([accepted(THIRD)])
            moved = shared.tip()
            with pytest.raises(LedgerError, match="moved back or replaced"):
                session.append(begun(SECOND))
            assert shared.tip() == moved


def test_a_run_whose_branch_is_moved_back_at_its_end_does_not_end_well(shared: Shared) -> None:
    """Folding is only tidying, but what it finds out then is told."""
    begin = shared.tip()
    session = shared.ledger(0).open()
    session.append([*begun(FIRST), accepted(FIRST)])
    shared.move(begin)
    with pytest.raises(LedgerError, match="moved back or replaced"), session:
        pass
    assert shared.tip() == begin


def test_a_branch_that_is_deleted_under_a_run_is_no_ledger_to_begin(shared: Shared) -> None:
    """The run says that it is gone; its clone does not begin another one, however it is asked."""
    with shared.ledger(0).open() as session:
        session.append(begun(FIRST))
        git("update-ref", "-d", BRANCH, where=shared.remote)
        with pytest.raises(LedgerError, match="it is gone"):
            session.append(begun(SECOND))
    for ask in (shared.ledger(0).read, shared.ledger(0).open, shared.ledger(0).create):
        with pytest.raises(LedgerError, match="it is gone") as caught:
            ask()
        assert "init --ledger" not in told(caught.value)
    assert not git("for-each-ref", BRANCH, where=shared.remote)


def test_a_clone_remembers_the_branch_between_two_runs(shared: Shared) -> None:
    """Nothing is read or begun on a branch that lacks what the clone pushed, until a person accepts it."""
    begin = shared.tip()
    with shared.ledger(0).open() as session:
        session.append([*begun(FIRST), accepted(FIRST)])
    held = shared.tip()
    shared.move(begin)
    git("gc", "--quiet", "--prune=now", where=shared.clones[0])
    for ask in (shared.ledger(0).read, shared.ledger(0).open, shared.ledger(0).create):
        with pytest.raises(LedgerError, match=f"{held}, which this clone had read") as caught:
            ask()
        assert f"git update-ref -d {SEEN}" in told(caught.value)
    assert git("cat-file", "-t", held, where=shared.clones[0]) == "commit"
    git("update-ref", "-d", SEEN, where=shared.clones[0])
    assert shared.ledger(0).read().sends == {}


def test_a_run_that_is_killed_is_remembered_too(shared: Shared) -> None:
    """What was pushed is remembered push by push, not at the end of the run."""
    begin = shared.tip()
    shared.ledger(0).open().append(begun(FIRST))
    shared.move(begin)
    with pytest.raises(LedgerError, match="moved back or replaced"):
        shared.ledger(0).open()


def test_what_a_clone_has_only_read_is_remembered(shared: Shared) -> None:
    """A plan is enough to know the branch by."""
    begin = shared.tip()
    with shared.ledger(0).open() as session:
        session.append(begun(FIRST))
    shared.ledger(1).read()
    shared.move(begin)
    with pytest.raises(LedgerError, match="moved back or replaced"):
        shared.ledger(1).read()


def test_runs_of_one_clone_do_not_take_each_other_for_a_moved_branch(shared: Shared) -> None:
    """Two sessions and a reader of one clone push and remember in turns."""
    ledger = shared.ledger(0)
    with ledger.open() as one, ledger.open() as other:
        for number in range(4):
            one.append(begun(f"one/{number}"))
            other.append(begun(f"other/{number}"))
            assert len(ledger.read().sends) == 2 * number + 2
    assert len(ledger.read().sends) == 8
    assert git("rev-parse", SEEN, where=shared.clones[0]) == shared.tip()


def test_what_a_run_of_the_same_clone_pushed_just_now_is_no_moved_branch(shared: Shared, meanwhile) -> None:
    """The other one pushes and remembers between the fetch and the look at what is remembered."""
    before, after = shared.prepared(FIRST)
    shared.ledger(0).read()
    clone = shared.clones[0]
    git("fetch", "--quiet", str(shared.clones[1]), f"+{SEEN}:refs/kept", where=clone)
    then = f"$git -C {shared.remote} update-ref {BRANCH} {after}; $git -C {clone} update-ref {SEEN} {after}"
    assert (shared.tip(), git("rev-parse", SEEN, where=clone)) == (before, before)
    with meanwhile("for-each-ref", then):
        assert set(shared.ledger(0).read().sends) == {FIRST}


def test_what_another_run_remembered_is_not_overwritten(shared: Shared, meanwhile) -> None:
    """A run that is slow to remember what it pushed leaves in place what another one put there since."""
    clone = shared.clones[0]
    with meanwhile("update-ref", f"$git -C {clone} update-ref {SEEN} HEAD"):
        shared.ledger(0).open().append(begun(FIRST))
    assert git("rev-parse", SEEN, where=clone) == git("rev-parse", "HEAD", where=clone)


def test_a_clone_that_cannot_remember_sends_all_the_same(shared: Shared) -> None:
    """A lock that somebody left on the memory fails no run."""
    (shared.clones[0] / ".git" / f"{SEEN}.lock").touch()
    with shared.ledger(0).open() as session:
        session.append([*begun(FIRST), accepted(FIRST)])
    assert set(shared.ledger(1).read().sends) == {FIRST}
    assert set(shared.ledger(0).read().sends) == {FIRST}


def test_a_ledger_that_was_emptied_by_a_commit_on_top_is_noticed(shared: Shared) -> None:
    """A run does not go on where its requests are gone; it is put right by putting the files back."""
    empty = git("rev-parse", f"{BRANCH}^{{tree}}", where=shared.remote)
    with shared.ledger(0).open() as session:
        session.append([*begun(FIRST), accepted(FIRST)])
        full = git("rev-parse", f"{BRANCH}^{{tree}}", where=shared.remote)
        shared.edit(empty)
        edited = shared.tip()
        with pytest.raises(LedgerError, match="says no more what this run knows: sale/first#1"):
            session.append(begun(SECOND))
    assert shared.tip() == edited
    shared.edit(full)
    assert shared.ledger(0).read().sends[FIRST].requests[0].state is RequestState.SENT


def test_an_acceptance_that_was_taken_out_by_hand_is_noticed(shared: Shared) -> None:
    """What was sent stays sent, whoever edits the branch."""
    with shared.ledger(0).open() as session:
        session.append(begun(FIRST))
        intended = git("rev-parse", f"{BRANCH}^{{tree}}", where=shared.remote)
        session.append([accepted(FIRST)])
        shared.edit(intended)
        with pytest.raises(LedgerError, match="says no more what this run knows"):
            session.append(begun(SECOND))


def test_what_cannot_be_folded_is_not_pushed(shared: Shared) -> None:
    """A line about a request that the branch does not know would make it unreadable for ever."""
    before = shared.tip()
    with shared.ledger(0).open() as session, pytest.raises(LedgerError, match="which was never begun"):
        session.append([accepted(FIRST)])
    assert shared.tip() == before
    assert shared.ledger(1).read().sends == {}
