"""The git ledger with real repositories: compare-and-swap, conflicts, pushes with an unclear result."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from sendspec.errors import LedgerConflict, LedgerError, LedgerMissing
from sendspec.ledger import Intent, Settled
from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.git_plumbing import GitClone
from sendspec.model import RequestKey, RequestState
from tests.ledgers import AT, accepted, git, remote_with_clones, started

if TYPE_CHECKING:
    from pathlib import Path

SEND = "spring-sale/last-call[en]"


def ledger_in(clone: Path) -> GitLedger:
    return GitLedger(clone, "production", "api.example", pauses=(0.0, 0.0))


@pytest.fixture
def clones(tmp_path: Path) -> list[Path]:
    _, clones = remote_with_clones(tmp_path, 2)
    ledger_in(clones[0]).create()
    return clones


def test_a_missing_branch_is_never_an_empty_ledger(tmp_path: Path) -> None:
    """Without the branch, read and open fail with the remote and the command that creates the branch."""
    _, (clone,) = remote_with_clones(tmp_path, 1)
    ledger = ledger_in(clone)
    for access in (ledger.read, ledger.open):
        with pytest.raises(LedgerMissing, match="does not have the branch sendspec-state") as caught:
            access()
        assert "init --ledger" in (caught.value.hint or "")


def test_another_clone_reads_every_append(clones: list[Path]) -> None:
    """An append is on the remote when it returns, and the end of the session folds it into a lockfile."""
    with ledger_in(clones[0]).open() as session:
        session.append(started(SEND))
        seen = ledger_in(clones[1]).read()
        assert seen.sends[SEND].requests[0].state is RequestState.INTENT
        session.append([accepted(SEND)])
    assert ledger_in(clones[1]).read().sends[SEND].requests[0].transaction_id == "1a2b-3c-4d"
    git("fetch", "--quiet", "origin", "sendspec-state", where=clones[1])
    files = git("ls-tree", "-r", "--name-only", "FETCH_HEAD", where=clones[1]).split()
    assert files == ["production/sendspec.production.lock", "sendspec-ledger.json"]


def test_targets_share_the_branch_but_no_files(clones: list[Path]) -> None:
    """Two targets, each created by hand, write to separate folders and read only their own."""
    staging = GitLedger(clones[1], "staging", "api.example")
    with pytest.raises(LedgerMissing, match="the ledger of target 'staging' does not exist"):
        staging.read()
    assert (staging.create(), staging.create()) == (True, False)
    with ledger_in(clones[0]).open() as session:
        session.append(started(SEND))
    with staging.open() as session:
        session.append(started("other/send"))
    assert set(ledger_in(clones[1]).read().sends) == {SEND}
    assert set(staging.read().sends) == {"other/send"}


def test_a_project_below_the_root_of_its_clone_has_the_same_ledger(clones: list[Path]) -> None:
    """From `specs/`, git must not read `specs/production/`, because that would be an empty ledger."""
    for clone in clones:
        (clone / "specs").mkdir()
    with ledger_in(clones[0] / "specs").open() as session:
        session.append([*started(SEND), accepted(SEND)])
    staging = GitLedger(clones[1] / "specs", "staging", "api.example")
    staging.create()
    with staging.open() as session:
        session.append(started("other/send"))
    for directory in (clones[1], clones[1] / "specs"):
        assert set(ledger_in(directory).read().sends) == {SEND}


def test_one_of_two_runs_that_start_a_request_wins(clones: list[Path]) -> None:
    """The later push of an intent for the same request is a conflict, even in the same second."""
    with ledger_in(clones[0]).open() as first, ledger_in(clones[1]).open() as second:
        first.append(started(SEND))
        with pytest.raises(LedgerConflict):
            second.append([*started(SEND)])
        second.append(started("other/send"))
        first.append([accepted(SEND)])
    assert set(ledger_in(clones[0]).read().sends) == {SEND, "other/send"}


def test_a_push_in_between_does_not_hide_a_conflict(clones: list[Path]) -> None:
    """A request of another run stays a conflict for a run that has read it with an unrelated push."""
    with ledger_in(clones[0]).open() as first, ledger_in(clones[1]).open() as second:
        first.append(started(SEND))
        second.append(started("other/send"))
        with pytest.raises(LedgerConflict):
            second.append([*started(SEND)])


def test_not_sent_is_not_recorded_after_another_run_repeated_the_request(clones: list[Path]) -> None:
    """A run cannot record not-sent for a request that another run has started again meanwhile."""
    key = RequestKey(SEND, 1, 1)
    with ledger_in(clones[0]).open() as first, ledger_in(clones[1]).open() as second:
        first.append(started(SEND))
        with ledger_in(clones[1]).open() as third:
            third.append([Intent(key, AT, attempts=1)])
        with pytest.raises(LedgerConflict):
            first.append([Settled(key, RequestState.NOT_SENT, AT, 1)])
        second.append(started("other/send"))
    assert ledger_in(clones[0]).read().sends[SEND].requests[0].state is RequestState.INTENT


def test_runs_in_the_same_second_are_distinct(clones: list[Path]) -> None:
    """A run cannot record not-sent if another run started the request in the same second."""
    with ledger_in(clones[0]).open() as first:
        first.append(started(SEND))
        with ledger_in(clones[1]).open() as second:
            second.append(started(SEND)[1:])
        with pytest.raises(LedgerConflict):
            first.append([Settled(RequestKey(SEND, 1, 1), RequestState.NOT_SENT, AT, 1)])
    assert ledger_in(clones[0]).read().sends[SEND].requests[0].state is RequestState.INTENT


def test_outcomes_are_recorded_in_spite_of_a_conflict(clones: list[Path]) -> None:
    """An append whose intents conflict with another run still records its outcomes."""
    with ledger_in(clones[0]).open() as first, ledger_in(clones[1]).open() as second:
        second.append(started("other/send"))
        first.append(started(SEND))
        with pytest.raises(LedgerConflict):
            second.append([accepted("other/send", transaction_id="kept"), *started(SEND)])
    state = ledger_in(clones[0]).read()
    assert state.sends["other/send"].requests[0].transaction_id == "kept"
    assert state.sends[SEND].requests[0].state is RequestState.INTENT


def test_a_push_that_arrived_counts_if_git_failed(clones: list[Path], tmp_path: Path) -> None:
    """After a push with a lost answer, the run checks whether the remote's branch has its commit."""
    real = subprocess.run(["which", "git"], check=True, capture_output=True, text=True).stdout.strip()
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(
        f'#!/bin/sh\n{real} "$@"; code=$?\n'
        'case " $* " in *" push "*) echo lost >&2; exit 128;; esac\nexit $code\n'
    )
    wrapper.chmod(0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{wrapper.parent}:{before}"
    try:
        with ledger_in(clones[0]).open() as session:
            session.append(started(SEND))
            session.append([accepted(SEND)])
    finally:
        os.environ["PATH"] = before
    assert ledger_in(clones[1]).read().sends[SEND].requests[0].state is RequestState.SENT


def test_an_unreachable_remote_fails_the_append(clones: list[Path]) -> None:
    """If the intent cannot be pushed, the append fails without the credentials of the remote's URL."""
    session = ledger_in(clones[0]).open()
    url = "http://someone:hunter2secret@127.0.0.1:9/lost.git"
    git("remote", "set-url", "origin", url, where=clones[0])
    with pytest.raises(LedgerError) as caught:
        session.append(started(SEND))
    assert "hunter2secret" not in str(caught.value)
    assert ledger_in(clones[1]).read().sends == {}


def test_a_rejected_push_ends_with_the_reason_of_the_remote(clones: list[Path], tmp_path: Path) -> None:
    """A push to a protected branch fails with the reason of the remote, not in an endless loop."""
    hook = tmp_path / "remote.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n")
    hook.chmod(0o755)
    with (
        pytest.raises(LedgerError, match="pre-receive hook declined"),
        ledger_in(clones[0]).open() as session,
    ):
        session.append(started(SEND))


def test_the_clone_is_left_as_it_was(clones: list[Path]) -> None:
    """The clone's branches, index and files do not change, and its hooks do not run."""
    hook = clones[0] / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\ntouch hook-ran\nexit 1\n")
    hook.chmod(0o755)

    def own() -> tuple[str, str]:
        kept = ("refs/heads", "refs/tags", "refs/remotes/origin/main", "refs/sendspec")
        refs = git("for-each-ref", "--format=%(refname)", *kept, where=clones[0])
        return refs + git("rev-parse", "HEAD", where=clones[0]), git("status", "--porcelain", where=clones[0])

    before = own()
    with ledger_in(clones[0]).open() as session:
        session.append([*started(SEND), accepted(SEND)])
    assert own() == before
    assert not (clones[0] / "hook-ran").exists()


def test_a_directory_outside_a_clone_is_refused(tmp_path: Path) -> None:
    """Outside a git repository the git ledger is an error with a hint."""
    with pytest.raises(LedgerError, match="git") as caught:
        GitLedger(tmp_path, "production", "api.example", clone=GitClone(tmp_path)).read()
    assert caught.value.hint
