"""The branch is moved back within each step of a run, by force or by a commit on top, and then put back."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, product
from typing import TYPE_CHECKING, Final

from sendspec.errors import ExitCode
from tests.simulation.ledger_setups import EMPTY_LOCKFILE, LOCKFILE, GitSetup
from tests.simulation.process import FaultPlan
from tests.simulation.recovery import recover
from tests.simulation.specs import Spec

if TYPE_CHECKING:
    from sendspec.model import Endpoint
    from tests.simulation.explorer import Explorer
    from tests.simulation.history import History

_FAILED: Final = (ExitCode.ERROR, ExitCode.UNKNOWN)
_FARTHEST: Final = 8
"""More commits than the branch ever has."""


def branch_resets(explorer: Explorer, endpoint: Endpoint) -> None:
    """A run of two sends, one of them done, from a clone that knows the branch and from a new one."""
    specs = [Spec(address, endpoint, batches=2) for address in ("sale/a", "sale/b")]
    for known, back in product((True, False), range(_FARTHEST)):
        # A clone that never read the branch cannot know that it was moved back before.
        for met_at in count(1 if known and back else 2):
            mover = _Mover(known=known, back=back, met_at=met_at, specs=specs)
            if explorer.play((known, back, met_at), mover.play).subject.steps < met_at:
                break


@dataclass
class _Mover:
    """Somebody who moves the branch `back` commits, or, with none, commits an empty ledger on top."""

    known: bool
    back: int
    met_at: int
    specs: list[Spec]
    tips: list[tuple[str, str]] = field(default_factory=list)
    pushes: int = 0

    def play(self, history: History) -> None:
        branch, specs = history.setup, self.specs
        assert isinstance(branch, GitSetup)
        self.tips.clear()
        history.apply(specs[:1], concurrency=1)
        branch.seen = branch.seen if self.known else None
        code = history.apply(
            specs, FaultPlan(nested={self.met_at: lambda: self._move(branch)}), concurrency=1
        )
        for before, after in self.tips:
            self._check(history, branch, code, after)
            branch.tip = before if self.back else branch.put(branch.commits[before].files)
        recover(history, specs)

    def _move(self, branch: GitSetup) -> None:
        earlier = branch.earlier(self.back)
        if earlier is not None:
            before, branch.tip = branch.tip, earlier
            after = branch.tip if self.back else branch.put({LOCKFILE: EMPTY_LOCKFILE})
            self.tips.append((before, after))
            self.pushes = branch.pushes

    def _check(self, history: History, branch: GitSetup, code: ExitCode | None, after: str) -> None:
        require = history.checks.require
        require(branch.tip == after, "moved back", "the run wrote to it")
        if not self.back:
            return
        could_know = branch.pushes > self.pushes
        require(not could_know or code in _FAILED, "moved back", f"the run ended with {code!r}")
        if branch.seen is not None and not branch.holds(branch.seen):
            posts = history.counts["posts"]
            code = history.apply(self.specs)
            require(code is ExitCode.ERROR, "moved back", f"the next run ended with {code!r}")
            quiet = branch.tip == after and history.counts["posts"] == posts
            require(quiet, "moved back", "the next run wrote or sent")
