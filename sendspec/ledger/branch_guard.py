"""The branch of the ledger as one run follows it: from one look to the next it may only have grown.

Whoever moves it back, by force or from a backup, takes from it what runs have written. A run that went
on from there would send again what those had sent, and so would the next one of this clone.
"""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from sendspec.errors import LedgerError
from sendspec.ledger.git_plumbing import BRANCH, SEEN, GitFailed, PushRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from sendspec.ledger.git_plumbing import GitClone


class Branch:
    """The branch `sendspec-state`, between the first look at it and `close`."""

    def __init__(self, repository: GitClone, pauses: Sequence[float]) -> None:
        """Follow it in `repository`; `pauses` are the seconds before each try of an unclear push."""
        self.run = uuid.uuid4().hex
        self.tip: str | None = None
        """Where it was when it was last read or moved."""
        self.refusal = ""
        """What the remote said to the last push that it refused."""
        self.lost = False
        """Whether this run must write nothing more to it: it does not hold what this run had read."""
        self._repository = repository
        self._pauses = pauses
        self._ref = f"refs/sendspec/{self.run}"
        self._seen: str | None = None
        self._proven = False

    def look(self) -> str | None:
        """Read the tip fresh from the remote; None where it has no such branch and never had.

        Raises:
            LedgerError: the branch does not hold what this run, or this clone before it, had read.
            GitFailed: the remote cannot be read.
        """
        if self.tip is None:
            self.tip = self._first()
        else:
            self.tip = self._next(self.tip)
        return self.tip

    def swap(self, commit: str) -> bool:
        """Move the branch to `commit` if it still is where it was read; tell whether it holds it now.

        A push whose end is unclear may have arrived all the same, and so may an earlier try of one
        that is refused: only whether the commit is in the remote's branch can tell.

        Raises:
            LedgerError: as for `look`, or what is pushed does not arrive where is read.
            GitFailed: it is not known whether the branch was moved.
        """
        unclear: GitFailed | None = None
        for pause in self._pauses:
            if pause:
                time.sleep(pause)
            try:
                self._repository.push(commit, self.tip)
                self._prove(commit)
            except PushRefused as refusal:
                self.refusal = str(refusal)
            except GitFailed as error:
                unclear = error
                if not self._is_there(commit):
                    continue
            else:
                self.tip = commit
                return True
            tip = self.look()
            return tip is not None and self._repository.contains(tip, commit)
        assert unclear is not None  # noqa: S101 - every other end has returned
        raise unclear

    def remember(self) -> None:
        """Keep the tip in the clone, for its next run to hold the branch against."""
        if self.tip is not None and self.tip != self._seen:
            # Only a help: where it fails, or another run of this clone was faster, nothing is lost.
            with suppress(GitFailed):
                self._repository.remember(self.tip, self._seen)
                self._seen = self.tip

    def close(self) -> None:
        """Remember the tip, and leave nothing else of this run in the clone."""
        self.remember()
        with suppress(GitFailed):
            self._repository.forget(self._ref)

    def _first(self) -> str | None:
        tip, self._seen = self._repository.look(self._ref)
        if self._seen is None or self._holds(tip, self._seen):
            return tip
        # Another run of this clone may have pushed, and remembered it, since the branch was fetched.
        tip = self._repository.look(self._ref).tip
        if not self._holds(tip, self._seen):
            raise self._moved(tip, self._seen, "this clone")
        return tip

    def _next(self, before: str) -> str:
        tip, seen = self._repository.look(self._ref)
        if tip is None or not self._holds(tip, before):
            self.lost = True
            raise self._moved(tip, before, "this run")
        if seen == tip:
            self._seen = seen
        return tip

    def _prove(self, commit: str) -> None:
        """See once that what is pushed arrives where is read: `url` and `pushurl` can be two places."""
        if self._proven:
            return
        if not self._holds(self._repository.look(self._ref).tip, commit):
            self.lost = True
            raise LedgerError(
                f"commit {commit} was pushed to the remote '{self._repository.remote}', and is not in the "
                "branch sendspec-state that is read from it",
                hint="see with `git remote -v` that fetch and push name the same repository, and run it "
                "again; if they do, somebody moved the branch just then",
            )
        self._proven = True

    def _is_there(self, commit: str) -> bool:
        # The tip stays: a push that is tried again must not take a later one for its own parent.
        try:
            tip = self._repository.look(self._ref).tip
            return tip is not None and self._repository.contains(tip, commit)
        except GitFailed:
            return False

    def _holds(self, tip: str | None, commit: str) -> bool:
        return tip == commit or (tip is not None and self._repository.descends(tip, commit))

    def _moved(self, tip: str | None, commit: str, who: str) -> LedgerError:
        remote = self._repository.remote
        where = "is gone" if tip is None else f"is at {tip}"
        return LedgerError(
            f"the branch sendspec-state of the remote '{remote}' was moved back or replaced: it {where}, "
            f"without commit {commit}, which {who} had read",
            hint="stop all runs and find out who moved it, put back the commit, which holds more, with "
            f"`git push --force {remote} {commit}:{BRANCH}`, and bring in what runs logged since with "
            f"`sendspec resolve --from-log`; if it was moved on purpose: `git update-ref -d {SEEN}`",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
