"""Family of branch resets: the branch is moved back within each step of a run, and then restored."""

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
    """Reset the branch during a run of two sends, in a clone that knows the branch and in a new one."""
    specs = [Spec(address, endpoint, batches=2) for address in ("sale/a", "sale/b")]
    for known, back in product((True, False), range(_FARTHEST)):
        # A clone that never read the branch cannot detect an earlier reset.
        for reset_at in count(1 if known and back else 2):
            resetter = _Resetter(known=known, back=back, reset_at=reset_at, specs=specs)
            if explorer.explore((known, back, reset_at), resetter.run).subject.steps < reset_at:
                break


@dataclass
class _Resetter:
    """A person who moves the branch `back` commits; 0 means a commit of an empty ledger on top."""

    known: bool
    back: int
    reset_at: int
    specs: list[Spec]
    tips: list[tuple[str, str]] = field(default_factory=list)
    pushes: int = 0

    def run(self, history: History) -> None:
        branch, specs = history.setup, self.specs
        assert isinstance(branch, GitSetup)
        self.tips.clear()
        history.apply(specs[:1], concurrency=1)
        branch.seen = branch.seen if self.known else None
        code = history.apply(
            specs, FaultPlan(nested={self.reset_at: lambda: self._reset(branch)}), concurrency=1
        )
        for before, after in self.tips:
            self._check(history, branch, code, after)
            branch.tip = before if self.back else branch.put(branch.commits[before].files)
        recover(history, specs)

    def _reset(self, branch: GitSetup) -> None:
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
        could_detect = branch.pushes > self.pushes
        require(not could_detect or code in _FAILED, "moved back", f"the run ended with {code!r}")
        if branch.seen is not None and not branch.holds(branch.seen):
            posts = history.counts["posts"]
            code = history.apply(self.specs)
            require(code is ExitCode.ERROR, "moved back", f"the next run ended with {code!r}")
            quiet = branch.tip == after and history.counts["posts"] == posts
            require(quiet, "moved back", "the next run wrote or sent")
