"""A git remote in memory: pushes arrive, are rejected, or end with an unclear result."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from sendspec.ledger.git_plumbing import FetchedTip, PushRejected
from sendspec.ledger.git_process import GitFailed
from tests.simulation.process import Extent, Killed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from tests.simulation.process import Fault, Process


class Commit(NamedTuple):
    """A commit: the names of its ancestors and its own, and the files of the only folder."""

    line: frozenset[str]
    files: Mapping[str, bytes]


class Remote:
    """The branch, all commits, and the memory of the only clone."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.commits: dict[str, Commit] = {"root": Commit(frozenset({"root"}), files)}
        self.tip = "root"
        self.seen: str | None = None
        self.pushes = 0
        """Number of pushes that tried to move the branch."""
        self._late: list[tuple[str, str | None]] = []

    def swap(self, commit: str, expected: str | None) -> bool:
        """Move the branch if it is at `expected`."""
        if self.tip != expected:
            return False
        self.tip = commit
        return True

    def earlier(self, back: int) -> str | None:
        """Return the commit that is `back` before the tip, if there is one."""
        line = [name for name in self.commits if name in self.commits[self.tip].line]
        return line[-1 - back] if back < len(line) else None

    def holds(self, commit: str) -> bool:
        """Return whether the branch contains a commit."""
        return commit in self.commits[self.tip].line

    def put(self, files: Mapping[str, bytes]) -> str:
        """Commit files on top of the branch by hand; return the commit."""
        name = f"by hand {len(self.commits)}"
        self.commits[name] = Commit(self.commits[self.tip].line | {name}, files)
        self.tip = name
        return name

    def postpone(self, commit: str, expected: str | None) -> None:
        """Keep a push whose git process outlives its run."""
        self._late.append((commit, expected))

    def catch_up(self) -> None:
        """Let the kept pushes arrive."""
        while self._late:
            self.swap(*self._late.pop(0))


class Clone:
    """The remote as one process uses it; see `sendspec.ledger.git_plumbing.GitClone`."""

    def __init__(self, shared: Remote, process: Process) -> None:
        self.remote = "origin"
        self._shared = shared
        self._process = process

    def within(self, seconds: float) -> AbstractContextManager[None]:  # noqa: ARG002 - no call takes time
        return nullcontext()

    def fetch_tip(self, private_ref: str) -> FetchedTip:  # noqa: ARG002 - as in GitClone
        self._step("git fetch")
        tip = self._shared.tip
        self._step("git for-each-ref")
        return FetchedTip(tip, self._shared.seen)

    def remember_tip(self, commit: str, expected: str | None) -> None:
        self._step("git update-ref")
        if self._shared.seen != expected:
            raise GitFailed("git update-ref failed: it is not what was expected")
        self._shared.seen = commit

    def delete_ref(self, private_ref: str) -> None:  # noqa: ARG002 - as in GitClone
        self._step("git update-ref")

    def read_files(self, commit: str, folder: str) -> dict[str, bytes]:  # noqa: ARG002 - as in GitClone
        self._step("git cat-file")
        return dict(self._shared.commits[commit].files)

    def read_root_file(self, commit: str, name: str) -> bytes | None:  # noqa: ARG002 - as in GitClone
        return None

    def is_ancestor(self, commit: str, tip: str, *, deepen: bool = False) -> bool:  # noqa: ARG002 - never shallow
        self._step("git merge-base")
        return commit in self._shared.commits[tip].line

    def commit(self, parent: str, folder: str, files: Mapping[str, bytes], message: str) -> str:  # noqa: ARG002 - as in GitClone
        self._step("git commit-tree")
        # As in git, the content of a commit determines its name, so equal commits are one.
        name = hashlib.sha1(repr((parent, sorted(files.items()), message)).encode()).hexdigest()  # noqa: S324 - as git does
        line = self._shared.commits[parent].line | {name}
        self._shared.commits[name] = Commit(line, dict(files))
        return name

    def push(self, commit: str, expected: str | None) -> None:
        shared = self._shared
        shared.catch_up()
        fault = self._process.step("git push", can_fail=True)
        shared.pushes += 1
        if fault is not None and fault.extent is Extent.HALF:
            shared.postpone(commit, expected)
        if fault is not None and fault.extent is not Extent.WHOLE:
            raise _failed(fault)
        moved = shared.tip == commit or shared.swap(commit, expected)
        if fault is not None:
            raise _failed(fault)
        if not moved:
            raise PushRejected("[rejected] (stale info)")

    def _step(self, what: str) -> None:
        fault = self._process.step(what, can_fail=True)
        if fault is not None:
            raise _failed(fault)


def _failed(fault: Fault) -> BaseException:
    return fault.error if isinstance(fault.error, Killed) else GitFailed(f"git failed: {fault.error}")
