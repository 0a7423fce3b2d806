"""The remote of the git ledger with real git: forks, shallow clones and simultaneous fetches."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sendspec.errors import LedgerError
from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.git_plumbing import BRANCH
from tests.branches import FIRST, SECOND, Shared, during_git, text_of
from tests.ledgers import git, remote_with_clones, started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    return Shared(tmp_path)


@pytest.fixture
def meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    return partial(during_git, tmp_path / "bin", monkeypatch)


def test_a_repeated_push_overwrites_no_other_run(shared: Shared, meanwhile) -> None:
    """If another run's push arrives during a failing one, the next try still expects the parent commit."""
    _, after = shared.prepare_start(FIRST)
    with shared.ledger(0).open() as session:
        with meanwhile("push", f"$git -C {shared.remote} update-ref {BRANCH} {after}; exit 128"):
            session.append(started(SECOND))
        assert set(shared.ledger(1).read().sends) == {FIRST, SECOND}


def test_a_shallow_clone_fetches_the_history_before_it_reports_a_rewind(shared: Shared) -> None:
    """A shallow clone reads a branch that grew, and refuses one that was moved back."""
    clone, url = shared.clones[0], f"file://{shared.remote}"
    git("remote", "set-url", "origin", url, where=clone)
    first = shared.tip()
    shared.ledger(0).read()
    for address in (FIRST, SECOND):
        with shared.ledger(1).open() as session:
            session.append(started(address))
    git("fetch", "--quiet", "--depth=1", "origin", where=clone)
    assert git("rev-list", "--count", "origin/sendspec-state", where=clone) == "1"
    assert set(shared.ledger(0).read().sends) == {FIRST, SECOND}
    git("fetch", "--quiet", "--depth=1", "origin", where=clone)
    shared.move(first)
    with pytest.raises(LedgerError, match="no longer contains commit"):
        shared.ledger(0).read()


def test_a_shallow_clone_stays_shallow(shared: Shared) -> None:
    """A clone that fetches the history of the ledger branch does not fetch that of main."""
    clone, url = shared.clones[0], f"file://{shared.remote}"
    for number in range(3):
        git("commit", "--quiet", "--allow-empty", f"--message={number}", where=shared.clones[1])
    git("push", "--quiet", "origin", "HEAD:main", where=shared.clones[1])
    git("remote", "set-url", "origin", url, where=clone)
    shared.ledger(0).read()
    with shared.ledger(1).open() as session:
        session.append(started(FIRST))
    git("fetch", "--quiet", "--depth=1", "origin", where=clone)
    assert set(shared.ledger(0).read().sends) == {FIRST}
    assert git("rev-list", "--count", "origin/main", where=clone) == "1"


def push_to_fork(clone: Path, url: str, fork: str) -> None:
    git("remote", "set-url", "--push", "origin", fork, where=clone)


def rewrite_push_url(clone: Path, url: str, fork: str) -> None:
    git("config", f"url.{fork}.pushInsteadOf", url, where=clone)


@pytest.mark.parametrize("misconfigure", [push_to_fork, rewrite_push_url])
def test_pushes_must_arrive_in_the_fetched_branch(
    misconfigure: Callable[[Path, str, str], None], shared: Shared, tmp_path: Path
) -> None:
    """If `origin` pushes to a fork, the first append fails; after a fix of the remote it succeeds."""
    fork = tmp_path / "fork.git"
    git("clone", "--quiet", "--mirror", str(shared.remote), str(fork), where=tmp_path)
    before = (shared.clones[0] / ".git" / "config").read_text()
    misconfigure(shared.clones[0], str(shared.remote), str(fork))
    with shared.ledger(0).open() as session:
        with pytest.raises(LedgerError, match="fetched from it does not contain it") as caught:
            session.append(started(FIRST))
        assert "git remote -v" in text_of(caught.value)
    (shared.clones[0] / ".git" / "config").write_text(before)
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
    assert set(shared.ledger(1).read().sends) == {FIRST}


def test_a_ledger_is_not_created_in_a_fork(tmp_path: Path) -> None:
    """`create` fails if pushes go to another repository than fetches."""
    _, (clone,) = remote_with_clones(tmp_path, 1)
    fork = tmp_path / "fork.git"
    git("init", "--quiet", "--bare", str(fork), where=tmp_path)
    git("remote", "set-url", "--push", "origin", str(fork), where=clone)
    with pytest.raises(LedgerError, match="fetched from it does not contain it"):
        GitLedger(clone, "production", "api.example").create()
    with pytest.raises(LedgerError, match="cannot create the ledger") as caught:
        GitLedger(clone, "staging", "api.example").create()
    assert "git remote -v" in text_of(caught.value)


def test_a_session_checks_only_once_that_its_push_arrived(shared: Shared, meanwhile) -> None:
    """A run without other runs beside it fetches twice, for any number of appends."""
    with meanwhile("fetch") as counting, shared.ledger(0).open() as session:
        for number in range(3):
            session.append(started(f"sale/{number}"))
    assert len(counting.made()) == 2


def test_only_refs_of_sendspec_are_fetched(shared: Shared) -> None:
    """The tracking ref, which other fetches may lock, does not change."""
    clone = shared.clones[1]
    git("fetch", "--quiet", "origin", where=clone)
    tracking = "refs/remotes/origin/sendspec-state"
    known = git("rev-parse", tracking, where=clone)
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
    (clone / ".git" / f"{tracking}.lock").touch()
    assert set(shared.ledger(1).read().sends) == {FIRST}
    assert git("rev-parse", tracking, where=clone) == known
    with shared.ledger(1).open() as session:
        session.append(started(SECOND))
    assert set(shared.ledger(0).read().sends) == {FIRST, SECOND}


def add_to_branch(shared: Shared, name: bytes, *, folder: bool = False) -> None:
    """Commit an empty file, or a folder with one, beside the lockfile of the branch."""
    blob = git("hash-object", "-w", "--stdin", where=shared.remote)
    entry = f"100644 blob {blob}\tx"
    if folder:
        entry = f"040000 tree {make_tree(shared, entry.encode())}\tx"
    listed = git("ls-tree", f"{BRANCH}:production", where=shared.remote)
    tree = make_tree(shared, listed.encode() + b"\n" + entry[:-1].encode() + name)
    shared.edit(make_tree(shared, f"040000 tree {tree}\tproduction".encode()))


def make_tree(shared: Shared, listed: bytes) -> str:
    done = subprocess.run(
        ["git", "mktree"], cwd=shared.remote, input=listed + b"\n", capture_output=True, check=True
    )
    return done.stdout.decode().strip()


@pytest.mark.red_team(22)
@pytest.mark.parametrize(
    ("name", "folder", "shown"),
    [(b"caf\xe9", False, r"production/caf\\xe9"), (b"sub", True, "production/sub")],
    ids=["a name that is not UTF-8", "a folder"],
)
def test_a_foreign_entry_in_the_folder_is_named(name, folder, shown, shared: Shared) -> None:
    """An entry that sendspec cannot read or write back is an error with its name, for every access."""
    add_to_branch(shared, name, folder=folder)
    for access in (shared.ledger(0).read, shared.ledger(0).open, shared.ledger(0).create):
        with pytest.raises(LedgerError, match=f"that sendspec did not write: '{shown}'"):
            access()


@pytest.mark.red_team(22)
def test_a_foreign_name_in_the_root_is_kept(shared: Shared) -> None:
    """A file beside the folders, of any name, does not stop a run and is still there after it."""
    blob = git("hash-object", "-w", "--stdin", where=shared.remote)
    listed = git("ls-tree", BRANCH, where=shared.remote).encode()
    shared.edit(make_tree(shared, listed + f"\n100644 blob {blob}\tcaf".encode() + b"\xe9"))
    with shared.ledger(0).open() as session:
        session.append(started(FIRST))
    assert set(shared.ledger(1).read().sends) == {FIRST}
    assert r"caf\351" in git("ls-tree", "--name-only", BRANCH, where=shared.remote)
