"""The git ledger, with real repositories: compare-and-swap, races, unclear pushes."""

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
from tests.ledgers import AT, accepted, begun, git, remote_with_clones

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
    """Without the branch reading and opening fail and say how to make it; making it twice is harmless."""
    _, (clone,) = remote_with_clones(tmp_path, 1)
    ledger = ledger_in(clone)
    for ask in (ledger.read, ledger.open):
        with pytest.raises(LedgerMissing, match="no branch sendspec-state") as caught:
            ask()
        assert "init --ledger" in (caught.value.hint or "")
    assert ledger.create() is True
    assert ledger.create() is False
    assert ledger.read().sends == {}


def test_what_one_clone_appends_another_reads(clones: list[Path]) -> None:
    """An append is in the remote when it returns, and folded into a lockfile when the session ends."""
    with ledger_in(clones[0]).open() as session:
        session.append(begun(SEND))
        seen = ledger_in(clones[1]).read()
        assert seen.sends[SEND].requests[0].state is RequestState.INTENT
        session.append([accepted(SEND)])
    assert ledger_in(clones[1]).read().sends[SEND].requests[0].transaction_id == "1a2b-3c-4d"
    git("fetch", "--quiet", "origin", "sendspec-state", where=clones[1])
    files = git("ls-tree", "-r", "--name-only", "FETCH_HEAD", where=clones[1]).split()
    assert files == ["production/sendspec.production.lock"]


def test_targets_share_the_branch_and_not_their_files(clones: list[Path]) -> None:
    """Two targets, each begun by hand, write to folders of their own and read only their own."""
    staging = GitLedger(clones[1], "staging", "api.example")
    with pytest.raises(LedgerMissing, match="target 'staging' has no ledger here"):
        staging.read()
    assert (staging.create(), staging.create()) == (True, False)
    with ledger_in(clones[0]).open() as session:
        session.append(begun(SEND))
    with staging.open() as session:
        session.append(begun("other/send"))
    assert set(ledger_in(clones[1]).read().sends) == {SEND}
    assert set(staging.read().sends) == {"other/send"}


def test_a_project_below_the_root_of_its_clone_keeps_the_same_ledger(clones: list[Path]) -> None:
    """From `specs/` git must not look for `specs/production/`: that would be an empty ledger."""
    for clone in clones:
        (clone / "specs").mkdir()
    with ledger_in(clones[0] / "specs").open() as session:
        session.append([*begun(SEND), accepted(SEND)])
    staging = GitLedger(clones[1] / "specs", "staging", "api.example")
    staging.create()
    with staging.open() as session:
        session.append(begun("other/send"))
    for directory in (clones[1], clones[1] / "specs"):
        assert set(ledger_in(directory).read().sends) == {SEND}


def test_of_two_runs_that_want_one_request_one_wins(clones: list[Path]) -> None:
    """The later push of an intent for the same request, even in the same second, is a lost race."""
    with ledger_in(clones[0]).open() as first, ledger_in(clones[1]).open() as second:
        first.append(begun(SEND))
        with pytest.raises(LedgerConflict):
            second.append([*begun(SEND)])
        second.append(begun("other/send"))
        first.append([accepted(SEND)])
    assert set(ledger_in(clones[0]).read().sends) == {SEND, "other/send"}


def test_a_push_in_between_hides_no_lost_race(clones: list[Path]) -> None:
    """What another run took stays taken, also for a run that has read it with another push since."""
    with ledger_in(clones[0]).open() as first, ledger_in(clones[1]).open() as second:
        first.append(begun(SEND))
        second.append(begun("other/send"))
        with pytest.raises(LedgerConflict):
            second.append([*begun(SEND)])


def test_an_outcome_that_another_run_made_doubtful_is_not_recorded(clones: list[Path]) -> None:
    """Not-sent is not written about a request that another run has begun again since it was read."""
    key = RequestKey(SEND, 1, 1)
    with ledger_in(clones[0]).open() as first, ledger_in(clones[1]).open() as second:
        first.append(begun(SEND))
        with ledger_in(clones[1]).open() as third:
            third.append([Intent(key, AT, attempts=1)])
        with pytest.raises(LedgerConflict):
            first.append([Settled(key, RequestState.NOT_SENT, AT, 1)])
        second.append(begun("other/send"))
    assert ledger_in(clones[0]).read().sends[SEND].requests[0].state is RequestState.INTENT


def test_another_run_in_the_same_second_is_another_run(clones: list[Path]) -> None:
    """That a run's own request was not sent says nothing once another run began it too, however soon."""
    with ledger_in(clones[0]).open() as first:
        first.append(begun(SEND))
        with ledger_in(clones[1]).open() as second:
            second.append(begun(SEND)[1:])
        with pytest.raises(LedgerConflict):
            first.append([Settled(RequestKey(SEND, 1, 1), RequestState.NOT_SENT, AT, 1)])
    assert ledger_in(clones[0]).read().sends[SEND].requests[0].state is RequestState.INTENT


def test_outcomes_of_a_lost_race_are_recorded(clones: list[Path]) -> None:
    """An append that loses its intents to another run still records the outcomes that it carried."""
    with ledger_in(clones[0]).open() as first, ledger_in(clones[1]).open() as second:
        second.append(begun("other/send"))
        first.append(begun(SEND))
        with pytest.raises(LedgerConflict):
            second.append([accepted("other/send", transaction_id="kept"), *begun(SEND)])
    state = ledger_in(clones[0]).read()
    assert state.sends["other/send"].requests[0].transaction_id == "kept"
    assert state.sends[SEND].requests[0].state is RequestState.INTENT


def test_a_push_that_arrived_although_git_failed_counts(clones: list[Path], tmp_path: Path) -> None:
    """A push whose answer is lost is settled by looking for its commit in the remote's branch."""
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
            session.append(begun(SEND))
            session.append([accepted(SEND)])
    finally:
        os.environ["PATH"] = before
    assert ledger_in(clones[1]).read().sends[SEND].requests[0].state is RequestState.SENT


def test_a_remote_that_is_gone_fails_the_append(clones: list[Path]) -> None:
    """When the intent cannot be pushed the append fails, without showing credentials of the remote's URL."""
    session = ledger_in(clones[0]).open()
    url = "http://someone:hunter2secret@127.0.0.1:9/gone.git"
    git("remote", "set-url", "origin", url, where=clones[0])
    with pytest.raises(LedgerError) as caught:
        session.append(begun(SEND))
    assert "hunter2secret" not in str(caught.value)
    assert ledger_in(clones[1]).read().sends == {}


def test_a_remote_that_refuses_is_told_as_such(clones: list[Path], tmp_path: Path) -> None:
    """A branch that the remote protects ends in its reason, not in an endless loop."""
    hook = tmp_path / "remote.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n")
    hook.chmod(0o755)
    with (
        pytest.raises(LedgerError, match="pre-receive hook declined"),
        ledger_in(clones[0]).open() as session,
    ):
        session.append(begun(SEND))


def test_the_clone_is_left_as_it_was(clones: list[Path]) -> None:
    """No branch, no index entry and no file of the clone's own changes, and its hooks do not run."""
    hook = clones[0] / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\ntouch hook-ran\nexit 1\n")
    hook.chmod(0o755)

    def own() -> tuple[str, str]:
        kept = ("refs/heads", "refs/tags", "refs/remotes/origin/main", "refs/sendspec")
        refs = git("for-each-ref", "--format=%(refname)", *kept, where=clones[0])
        return refs + git("rev-parse", "HEAD", where=clones[0]), git("status", "--porcelain", where=clones[0])

    before = own()
    with ledger_in(clones[0]).open() as session:
        session.append([*begun(SEND), accepted(SEND)])
    assert own() == before
    assert not (clones[0] / "hook-ran").exists()


def test_a_directory_that_is_no_clone_is_refused(tmp_path: Path) -> None:
    """Outside a git repository the git ledger is an error with a way out."""
    with pytest.raises(LedgerError, match="git") as caught:
        GitLedger(tmp_path, "production", "api.example", repository=GitClone(tmp_path)).read()
    assert caught.value.hint
