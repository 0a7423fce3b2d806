"""Both sides of a conflict in a lockfile, from the repository of a project.

They are exact, unlike the sides of conflict markers: git has merged all lines outside the markers.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.errors import LedgerError
from sendspec.ledger.file_damage import has_conflict
from sendspec.ledger.git_process import GitProcess
from sendspec.protocol_limits import GIT_CALL_SECONDS_MAX

if TYPE_CHECKING:
    from pathlib import Path

_OURS, _THEIRS = 2, 3


class GitSides(Struct, frozen=True):
    """The two sides of a conflict, and the version that both grew from, if git knows it."""

    ours: bytes
    theirs: bytes
    base: bytes | None


def git_sides(path: Path) -> GitSides | None:
    """Return both sides of a lockfile with conflict markers, None if git does not have them.

    During a merge they are in the index (git-read-tree(1)). After a commit with the markers they are in
    the two parents of that commit.
    """
    repository = _Repository(path)
    with suppress(LedgerError):
        return repository.index_sides() or repository.parent_sides()
    return None


class _Repository:
    def __init__(self, path: Path) -> None:
        self._process = GitProcess(path.parent, GIT_CALL_SECONDS_MAX)
        self._path = path.resolve()

    def index_sides(self) -> GitSides | None:
        listed = self._run("ls-files", "--unmerged", "-z", "--", str(self._path)).decode(errors="replace")
        entries = [entry.partition("\t")[0].split() for entry in listed.split("\0")[:-1]]
        blobs = {int(stage): blob for _, blob, stage in entries}
        return self._sides(*(blobs.get(stage) for stage in (_OURS, _THEIRS, 1)))

    def parent_sides(self) -> GitSides | None:
        parents = self._run("log", "-1", "--format=%P", "--", str(self._path)).decode().split()
        if len(parents) != 2:  # noqa: PLR2004 - a merge of two branches
            return None
        name = self._run("ls-files", "--full-name", "--", str(self._path)).decode().rstrip("\n")
        base = self._run("merge-base", *parents).decode().split()[:1]
        return self._sides(*(f"{commit}:{name}" for commit in (*parents, *base)))

    def _sides(self, ours: str | None, theirs: str | None, base: str | None = None) -> GitSides | None:
        contents = [self._blob(name) for name in (ours, theirs, base)]
        if contents[0] is None or contents[1] is None or any(map(has_conflict, filter(None, contents))):
            return None
        return GitSides(contents[0], contents[1], contents[2])

    def _blob(self, name: str | None) -> bytes | None:
        return None if name is None else self._run("cat-file", "blob", name) or None

    def _run(self, *arguments: str) -> bytes:
        done = self._process.call(arguments, None)
        return done.stdout if done.returncode == 0 else b""
