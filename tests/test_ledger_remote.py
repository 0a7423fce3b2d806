"""The remote of the git ledger: pushes to a fork, a history that was cut, and fetches that meet; real git."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sendspec.errors import LedgerError
from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.git_plumbing import BRANCH
from tests.branches import FIRST, SECOND, Shared, strangely, told
from tests.ledgers import begun, git, remote_with_clones

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return Shared(tmp_path)


@pytest.fixture
def meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    return partial(strangely, tmp_path / "bin", monkeypatch)


def test_a_push_that_is_tried_again_overwrites_nobody(shared: Shared, meanwhile) -> None:
    """A push fails while another run's arrives: the next try expects the branch where the commit began."""
    _, after = shared.prepared(FIRST)
    with shared.ledger(0).open() as session:
        with meanwhile("push", f"$git -C {shared.remote} update-ref {BRANCH} {after}; exit 128"):
            session.append(begun(SECOND))
        assert set(shared.ledger(1).read().sends) == {FIRST, SECOND}


def test_a_shallow_clone_is_not_sure_before_it_has_the_history(shared: Shared) -> None:
    """Whose history was cut fetches it before it says that the branch was moved, and says so if it was."""
    clone, url = shared.clones[0], f"file://{shared.remote}"
    git("remote", "set-url", "origin", url, where=clone)
    begin = shared.tip()
    shared.ledger(0).read()
    for address in (FIRST, SECOND):
        with shared.ledger(1).open() as session:
            session.append(begun(address))
    git("fetch", "--quiet", "--depth=1", "origin", where=clone)
    assert git("rev-list", "--count", "origin/sendspec-state", where=clone) == "1"
    assert set(shared.ledger(0).read().sends) == {FIRST, SECOND}
    git("fetch", "--quiet", "--depth=1", "origin", where=clone)
    shared.move(begin)
    with pytest.raises(LedgerError, match="moved back or replaced"):
        shared.ledger(0).read()


def test_a_shallow_clone_stays_shallow(shared: Shared) -> None:
    """To be sure of the branch it does not fetch the history of everything else."""
    clone, url = shared.clones[0], f"file://{shared.remote}"
    for number in range(3):
        git("commit", "--quiet", "--allow-empty", f"--message={number}", where=shared.clones[1])
    git("push", "--quiet", "origin", "HEAD:main", where=shared.clones[1])
    git("remote", "set-url", "origin", url, where=clone)
    shared.ledger(0).read()
    with shared.ledger(1).open() as session:
        session.append(begun(FIRST))
    git("fetch", "--quiet", "--depth=1", "origin", where=clone)
    assert set(shared.ledger(0).read().sends) == {FIRST}
    assert git("rev-list", "--count", "origin/main", where=clone) == "1"


def triangular(clone: Path, url: str, fork: str) -> None:
    git("remote", "set-url", "--push", "origin", fork, where=clone)


def rewritten(clone: Path, url: str, fork: str) -> None:
    git("config", f"url.{fork}.pushInsteadOf", url, where=clone)


@pytest.mark.parametrize("lead_astray", [triangular, rewritten])
def test_what_is_pushed_must_arrive_where_is_read(
    lead_astray: Callable[[Path, str, str], None], shared: Shared, tmp_path: Path
) -> None:
    """Where `origin` pushes to a fork the first append fails; once that is mended nothing is in the way."""
    fork = tmp_path / "fork.git"
    git("clone", "--quiet", "--mirror", str(shared.remote), str(fork), where=tmp_path)
    before = (shared.clones[0] / ".git" / "config").read_text()
    lead_astray(shared.clones[0], str(shared.remote), str(fork))
    with shared.ledger(0).open() as session:
        with pytest.raises(LedgerError, match="is not in the branch sendspec-state that is read") as caught:
            session.append(begun(FIRST))
        assert "git remote -v" in told(caught.value)
    (shared.clones[0] / ".git" / "config").write_text(before)
    with shared.ledger(0).open() as session:
        session.append(begun(FIRST))
    assert set(shared.ledger(1).read().sends) == {FIRST}


def test_a_ledger_is_not_begun_in_a_fork(tmp_path: Path) -> None:
    """`create` fails where it would begin the branch in one repository and look for it in another."""
    _, (clone,) = remote_with_clones(tmp_path, 1)
    fork = tmp_path / "fork.git"
    git("init", "--quiet", "--bare", str(fork), where=tmp_path)
    git("remote", "set-url", "--push", "origin", str(fork), where=clone)
    with pytest.raises(LedgerError, match="is not in the branch sendspec-state that is read"):
        GitLedger(clone, "production", "api.example").create()
    with pytest.raises(LedgerError, match="was not begun") as caught:
        GitLedger(clone, "staging", "api.example").create()
    assert "git remote -v" in told(caught.value)


def test_a_session_looks_only_once_whether_its_push_arrived(shared: Shared, meanwhile) -> None:
    """However many appends there are, a run that meets no other fetches twice."""
    with meanwhile("fetch") as counting, shared.ledger(0).open() as session:
        for number in range(3):
            session.append(begun(f"sale/{number}"))
    assert len(counting.made()) == 2


def test_nothing_but_its_own_refs_is_fetched(shared: Shared) -> None:
    """The tracking ref, which any fetch of the clone may write meanwhile, is left alone, locked or not."""
    clone = shared.clones[1]
    git("fetch", "--quiet", "origin", where=clone)
    tracking = "refs/remotes/origin/sendspec-state"
    known = git("rev-parse", tracking, where=clone)
    with shared.ledger(0).open() as session:
        session.append(begun(FIRST))
    (clone / ".git" / f"{tracking}.lock").touch()
    assert set(shared.ledger(1).read().sends) == {FIRST}
    assert git("rev-parse", tracking, where=clone) == known
    with shared.ledger(1).open() as session:
        session.append(begun(SECOND))
    assert set(shared.ledger(0).read().sends) == {FIRST, SECOND}
