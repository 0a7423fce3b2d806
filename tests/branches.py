"""A remote whose ledger somebody moves or edits, and a git in which something happens meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.git_plumbing import BRANCH
from tests.ledgers import begun, git, remote_with_clones
from tests.processes.gits import strange_git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from sendspec.errors import LedgerError
    from tests.processes.gits import StrangeGit

FIRST, SECOND, THIRD = "sale/first", "sale/second", "sale/third"


class Shared:
    """A remote whose ledger is begun, and two clones of it."""

    def __init__(self, directory: Path) -> None:
        self.remote, self.clones = remote_with_clones(directory, 2)
        self.ledger(0).create()

    def ledger(self, clone: int) -> GitLedger:
        return GitLedger(self.clones[clone], "production", "api.example", pauses=(0.0, 0.0))

    def tip(self) -> str:
        return git("rev-parse", BRANCH, where=self.remote)

    def move(self, commit: str) -> None:
        git("update-ref", BRANCH, commit, where=self.remote)

    def prepared(self, address: str) -> tuple[str, str]:
        """Have the other clone begin a send, take it back, and give the tip without and with it."""
        before = self.tip()
        self.ledger(1).open().append(begun(address))
        after = self.tip()
        self.move(before)
        return before, after

    def edit(self, tree: str) -> None:
        """Commit a tree on top, as somebody does who restores a file."""
        made = git("commit-tree", tree, "-p", self.tip(), "-m", "restore", where=self.remote)
        self.move(made)


@contextmanager
def strangely(
    directory: Path, patch: pytest.MonkeyPatch, command: str, what: str = ":"
) -> Iterator[StrangeGit]:
    """Let something happen before the first call of a command of git; give the calls of that command."""
    with strange_git(directory, 1, what, command=command) as strange, patch.context() as patched:
        patched.setenv("PATH", strange.environment["PATH"])
        yield strange


def told(error: LedgerError) -> str:
    """Give what an error says, and its way out."""
    return f"{error} {error.hint}"
