"""The guard of the ledger branch: from one fetch to the next the branch may only have grown.

A forced push or a restored backup removes what runs have written. A run that continued from there
would send again what those runs had sent, and so would the next run in this clone.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from sendspec.errors import LedgerError
from sendspec.ledger.git_plumbing import SEEN, PushRejected
from sendspec.ledger.git_process import GitFailed
from sendspec.ledger.interface import new_run_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from sendspec.ledger.git_plumbing import GitClone


class RewindGuard:
    """The branch `sendspec-state` for one run, from its first fetch to `close`."""

    def __init__(
        self,
        clone: GitClone,
        pauses: Sequence[float],
        merge: str = "sendspec ledger merge",
        run: str | None = None,
    ) -> None:
        """Prepare a run in `clone`.

        `pauses` are the seconds before each try of an unclear push; `merge` is a command for hints. `run` is
        the name of the run, None for a new one.
        """
        self._merge = merge
        self.run = run or new_run_name()
        self.tip: str | None = None
        """The commit of the branch at the last fetch or push."""
        self.rejection = ""
        """The remote's reason for the last rejected push."""
        self.is_broken = False
        """Whether the branch lost what this run has read, so that this run must not write to it."""
        self._clone = clone
        self._pauses = pauses
        self._ref = f"refs/sendspec/{self.run}"
        self._remembered: str | None = None
        self._arrival_checked = False

    def fetch_tip(self) -> str | None:
        """Fetch and return the tip; None if the remote does not have the branch and never had it.

        Raises:
            LedgerError: the branch does not contain what this run, or this clone before, has read.
            GitFailed: the remote cannot be read.
        """
        if self.tip is None:
            self.tip = self._fetch_first()
        else:
            self.tip = self._fetch_next(self.tip)
        return self.tip

    def fetch_both(self) -> tuple[str | None, str | None]:
        """Return the tip, and the commit that this clone has read and the branch no longer contains.

        Either is None. This is for the repair of a branch that was moved back, instead of `fetch_tip`.
        """
        self.tip, self._remembered = self._clone.fetch_tip(self._ref)
        lost = self._remembered
        return self.tip, None if lost is None or self._contains(self.tip, lost) else lost

    def compare_and_swap(self, commit: str) -> bool:
        """Move the branch from `tip` to `commit`; return whether the branch contains it afterwards.

        A push with an unclear result may have arrived, and so may an earlier try of a rejected one.
        Only a fetch shows whether the branch contains the commit.

        Raises:
            LedgerError: as for `fetch_tip`, or pushes go to another repository than fetches.
            GitFailed: the branch may or may not have moved.
        """
        unclear: GitFailed | None = None
        for pause in self._pauses:
            if pause:
                time.sleep(pause)
            try:
                self._clone.push(commit, self.tip)
                self._check_arrival(commit)
            except PushRejected as rejection:
                self.rejection = str(rejection)
            except GitFailed as error:
                unclear = error
                if not self._has_arrived(commit):
                    continue
            else:
                self.tip = commit
                return True
            tip = self.fetch_tip()
            return tip is not None and self._clone.is_ancestor(commit, tip)
        assert unclear is not None  # noqa: S101 - every other end has returned
        raise unclear

    def remember_tip(self) -> None:
        """Store the tip in the clone, so that its next run detects a rewound branch."""
        if self.tip is not None and self.tip != self._remembered:
            # This only improves detection, so a failure or a faster run of this clone is ignored.
            with suppress(GitFailed):
                self._clone.remember_tip(self.tip, self._remembered)
                self._remembered = self.tip

    def close(self) -> None:
        """Store the tip, and delete the private ref of this run."""
        self.remember_tip()
        with suppress(GitFailed):
            self._clone.delete_ref(self._ref)

    def _fetch_first(self) -> str | None:
        tip, self._remembered = self._clone.fetch_tip(self._ref)
        if self._remembered is None or self._contains(tip, self._remembered):
            return tip
        # Fetch again, because another run of this clone may have pushed and stored a tip meanwhile.
        tip = self._clone.fetch_tip(self._ref).tip
        if not self._contains(tip, self._remembered):
            raise self._rewound(tip, self._remembered, "this clone")
        return tip

    def _fetch_next(self, before: str) -> str:
        tip, remembered = self._clone.fetch_tip(self._ref)
        if tip is None or not self._contains(tip, before):
            self.is_broken = True
            raise self._rewound(tip, before, "this run")
        if remembered == tip:
            self._remembered = remembered
        return tip

    def _check_arrival(self, commit: str) -> None:
        """Check once that a push arrives in the fetched branch, because `pushurl` can differ from `url`."""
        if self._arrival_checked:
            return
        if not self._contains(self._clone.fetch_tip(self._ref).tip, commit):
            self.is_broken = True
            raise LedgerError(
                f"commit {commit} was pushed to the remote '{self._clone.remote}', but the branch "
                "sendspec-state fetched from it does not contain it",
                hint="check with `git remote -v` that fetch and push use the same repository, then run the "
                "command again; if they do, another person moved the branch in between",
            )
        self._arrival_checked = True

    def _has_arrived(self, commit: str) -> bool:
        # `tip` does not change here: a repeated push must not expect a later commit than its parent.
        try:
            tip = self._clone.fetch_tip(self._ref).tip
            return tip is not None and self._clone.is_ancestor(commit, tip)
        except GitFailed:
            return False

    def _contains(self, tip: str | None, commit: str) -> bool:
        return tip == commit or (tip is not None and self._clone.is_ancestor(commit, tip, deepen=True))

    def _rewound(self, tip: str | None, commit: str, reader: str) -> LedgerError:
        remote = self._clone.remote
        state = "was deleted" if tip is None else f"is at {tip}"
        return LedgerError(
            f"the branch sendspec-state of the remote '{remote}' no longer contains commit {commit}, which "
            f"{reader} has read: it {state}",
            hint="stop all runs and find out who moved the branch; then join both with "
            f"`{self._merge}`; if the move was intended, run `git update-ref -d {SEEN}`",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
