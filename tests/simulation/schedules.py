"""Random schedules: a seed chooses every fault, and reproduces it exactly."""

from __future__ import annotations

import errno
from collections import Counter
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

from sendspec.model import Endpoint
from sendspec.structs import replace
from tests.simulation.checks import Violation
from tests.simulation.failure import Failure
from tests.simulation.history import History, unknown_in
from tests.simulation.ledger_setups import FileSetup, GitSetup
from tests.simulation.process import NEVER, Extent, FaultPlan
from tests.simulation.recovery import recover
from tests.simulation.replies import REPLIES
from tests.simulation.simulated_driver import START, Script
from tests.simulation.specs import Spec
from tests.simulation.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_ENDPOINTS: Final = tuple(Endpoint)
_EXTENTS: Final = tuple(Extent)
_PAUSES: Final = (20.0, 70.0, 1000.0, 50_000.0, 90_000.0)
"""Seconds between two runs, most of which follow each other immediately."""
_STEPS: Final = 45
"""Steps within which a fault strikes a run; most runs take fewer."""


def run_schedules(seeds: Iterable[int]) -> tuple[Counter[str], Failure | None]:
    """Run schedules until one fails; return the counts and the failure."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        failure = run_schedule(seed, counts)
        counts["schedules"] += 1
        if failure is not None:
            return counts, failure
    return counts, None


def run_schedule(seed: int, counts: Counter[str] | None = None) -> Failure | None:
    """Run the schedule of a seed; return its failure, or None."""
    violation, history = _run(seed, Trace())
    if counts is not None:
        counts.update(history.counts)
    if violation is None:
        return None
    again, replayed = _run(seed, Trace(kept=True))
    trace = list(replayed.trace.lines)
    if str(again) != str(violation):
        trace.append(f"(the replay of the seed gave {again} instead)")
    trace.append(f"replay: python -m tests.simulation --replay {seed}")
    return Failure(f"seed {seed}", str(violation), tuple(trace))


def trace_of(seed: int) -> list[str]:
    """Run the schedule of a seed; return its trace."""
    violation, history = _run(seed, Trace(kept=True))
    end = "every invariant holds" if violation is None else str(violation)
    return [*history.trace.lines, f"seed {seed}: {end}"]


def _run(seed: int, trace: Trace) -> tuple[Violation | None, History]:
    schedule = _Schedule(seed, trace)
    try:
        schedule.run()
    except Violation as violation:
        return violation, schedule.history
    return None, schedule.history


class _Schedule:
    """The choices of one seed."""

    def __init__(self, seed: int, trace: Trace) -> None:
        random = Random(seed)  # noqa: S311 - a simulation must replay
        self._roll: Callable[[], float] = random.random
        setup = GitSetup() if self._happens(0.3) else FileSetup()
        self.history = History(setup, trace=trace, random=random)
        self.history.in_transit = self._below
        self.history.pace = 5.0 if self._happens(0.1) else 0.5
        self._concurrency = 1 + self._below(10)
        self._trees: list[tuple[Spec, ...]] = [self._tree()]
        self._pauses = Random(f"{seed} pauses")  # noqa: S311 - a simulation must replay

    def run(self) -> None:
        """Run everything that has faults, then the recovery."""
        history = self.history
        for _ in range(1 + self._happens(0.2) + self._happens(0.1)):
            self._disturb()
            if self._pauses.random() < 0.1:
                history.clock.reach(history.clock.seconds + self._pauses.choice(_PAUSES))
            if history.setup.at_risk and self._happens(0.5):
                history.fail_power(self._below)
            if self._happens(0.2):
                history.vendor.catch_up()
            if self._happens(0.2):
                self._trees.append(tuple(self._edited(spec) for spec in self._trees[-1]))
        if self._happens(0.1):
            history.vendor.catch_up()
            history.resolve_from_logs()
        recover(history, self._trees[-1])

    def _disturb(self) -> None:
        """Run one process with any faults."""
        history = self.history
        unknown = unknown_in(history.read()) if self._happens(0.1) else []
        if unknown:
            history.resolve(unknown[: 1 + self._below(len(unknown))], self._fate())
        elif self._happens(0.05):
            history.vendor.catch_up()
            history.resolve_from_logs(self._fate())
        else:
            history.apply(self._specs(), self._fate(), self._script(), self._concurrency)

    def _specs(self) -> Sequence[Spec]:
        """Return the newest tree, or sometimes the tree of an old commit."""
        return self._trees[self._below(len(self._trees)) if self._happens(0.1) else -1]

    def _tree(self) -> tuple[Spec, ...]:
        count = 1 + self._happens(0.2) + self._happens(0.05)
        return tuple(self._spec(f"sale/{name}") for name in "abc"[:count])

    def _spec(self, address: str) -> Spec:
        endpoint = _ENDPOINTS[self._below(3)]
        batches = 12 if self._happens(0.01) else 1 + self._happens(0.4) + self._happens(0.1)
        spec = Spec(address, endpoint, batches=batches)
        if self._happens(0.1):
            spec = replace(spec, not_after=START + timedelta(seconds=self._below(20)))
        if self._happens(0.04):
            spec = replace(spec, not_before=START + timedelta(seconds=self._below(20)))
        return spec

    def _edited(self, spec: Spec) -> Spec:
        edits: tuple[Mapping[str, Any], ...] = (
            {"content": self._below(3)},
            {"content": self._below(3), "revision": spec.revision + 1},
            {"revision": max(1, spec.revision - 1)},
            {"audience": 1 - spec.audience},
            {"batches": 1 + self._below(3)},
            {"endpoint": _ENDPOINTS[self._below(3)]},
            {},
        )
        return replace(spec, **edits[self._below(len(edits))])

    def _script(self) -> Script:
        if self._happens(0.4):
            return Script()
        return Script([REPLIES[self._below(len(REPLIES))] for _ in range(1 + self._below(3))])

    def _fate(self) -> FaultPlan:
        what = self._roll()
        extent = _EXTENTS[self._below(3)]
        if what < 0.5:
            return FaultPlan(killed_at=self._step(), extent=extent)
        if what < 0.65:
            error = errno.ENOSPC if self._happens(0.5) else errno.EIO
            failures = 1 if self._happens(0.5) else 1000
            killed_at = self._step() if self._happens(0.3) else NEVER
            return FaultPlan(killed_at, self._step(), failures, error, extent)
        if what < 0.75:
            stopped_at = self._step()
            aborted_at = stopped_at + self._below(30) if self._happens(0.5) else NEVER
            return FaultPlan(stopped_at=stopped_at, aborted_at=aborted_at)
        if what < 0.85:
            killed_at = self._step() if self._happens(0.3) else NEVER
            return FaultPlan(killed_at, extent=extent, nested={self._step(): self._nested_run})
        return FaultPlan()

    def _nested_run(self) -> None:
        """Run another process within a step of the current one."""
        match self._below(3):
            case 0:
                self.history.read()
            case 1:
                self.history.resolve_from_logs(self._fate())
            case _:
                self.history.apply(self._specs(), self._fate(), self._script(), self._concurrency)

    def _step(self) -> int:
        return 1 + self._below(_STEPS)

    def _happens(self, chance: float) -> bool:
        return self._roll() < chance

    def _below(self, most: int) -> int:
        return int(self._roll() * most)
