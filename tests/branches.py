"""A remote whose ledger branch a person moves or edits, and a git during which something happens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.git_plumbing import BRANCH
from tests.ledgers import git, remote_with_clones, started
from tests.processes.gits import strange_git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from sendspec.errors import LedgerError
    from tests.processes.gits import StrangeGit

FIRST, SECOND, THIRD = "sale/first", "sale/second", "sale/third"


class Shared:
    """A remote with a new ledger, and two clones of it."""

    def __init__(self, directory: Path) -> None:
        self.remote, self.clones = remote_with_clones(directory, 2)
        self.ledger(0).create()

    def ledger(self, clone: int) -> GitLedger:
        return GitLedger(self.clones[clone], "production", "api.example", pauses=(0.0, 0.0))

    def tip(self) -> str:
        return git("rev-parse", BRANCH, where=self.remote)

    def move(self, commit: str) -> None:
        git("update-ref", BRANCH, commit, where=self.remote)

    def prepare_start(self, address: str) -> tuple[str, str]:
        """Start a send in the other clone, move the branch back, and return both tips."""
        before = self.tip()
        self.ledger(1).open().append(started(address))
        after = self.tip()
        self.move(before)
        return before, after

    def edit(self, tree: str) -> None:
        """Commit a tree on top, as a person does who restores a file."""
        commit = git("commit-tree", tree, "-p", self.tip(), "-m", "restore", where=self.remote)
        self.move(commit)


@contextmanager
def during_git(
    directory: Path, patch: pytest.MonkeyPatch, command: str, action: str = ":"
) -> Iterator[StrangeGit]:
    """Run a shell action before the first call of a git command; yield the calls of that command."""
    with strange_git(directory, 1, action, command=command) as strange, patch.context() as patched:
        patched.setenv("PATH", strange.environment["PATH"])
        yield strange


def text_of(error: LedgerError) -> str:
    """Return the message and the hint of an error."""
    return f"{error} {error.hint}"
