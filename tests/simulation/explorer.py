"""Explorer of histories: a kill at each step, each result of a power failure, and the recovery."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import count, product
from typing import TYPE_CHECKING, Final

from tests.simulation.checks import Violation
from tests.simulation.failure import Failure
from tests.simulation.history import History
from tests.simulation.process import Extent, FaultPlan
from tests.simulation.recovery import recover
from tests.simulation.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.simulation.ledger_setups import LedgerSetup
    from tests.simulation.process import Process
    from tests.simulation.specs import Spec

    Choose = Callable[[int], int]
    Scenario = Callable[[History], object]
    FaultyScenario = Callable[[History, FaultPlan], object]

POWER_LOSSES: Final[dict[str, Choose]] = {
    "durable only": lambda _: 0,
    "everything": lambda possible: 1 % possible,
    "torn": lambda possible: 2 % possible,
    "torn at its last byte": lambda possible: 3 % possible,
    "zeros": lambda possible: 5 % possible,
    "zeros at its start": lambda possible: 6 % possible,
}
"""Choices of what a power failure leaves of a file or name that is not durable."""

IN_TRANSIT: Final = {"is lost": 0, "arrives": 1, "is late": 2}
"""Ends of a request that was in transit when its process ended."""


class InvariantBroken(Exception):
    """A history broke an invariant."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class Explorer:
    """Runs histories and counts them; one that breaks an invariant runs again with its trace."""

    def __init__(self, setup: Callable[[], LedgerSetup]) -> None:
        self.counts: Counter[str] = Counter()
        self._make_setup = setup

    def explore(self, label: object, scenario: Scenario) -> History:
        """Run a history to its end, and return it.

        Raises:
            InvariantBroken: it broke an invariant.
        """
        history = History(self._make_setup())
        try:
            scenario(history)
        except Violation as violation:
            again = History(self._make_setup(), trace=Trace(kept=True))
            with suppress(Violation):
                scenario(again)
            raise InvariantBroken(
                Failure(str(label), str(violation), tuple(again.trace.lines))
            ) from violation
        self.counts["histories"] += 1
        self.counts += history.counts
        return history

    def kill_everywhere(
        self, label: str, run: FaultyScenario, specs: Sequence[Spec], *, powers: bool = True
    ) -> int:
        """Kill the process with the given faults at each of its steps, in every way, and recover.

        Without `powers`, no power failure follows a kill.

        Returns:
            The number of steps of the process.
        """
        for step in count(1):
            killed = self._kill(f"{label}, step {step}", run, FaultPlan(killed_at=step), specs, powers=powers)
            if not killed.dead:
                return step - 1
            if killed.can_fail:
                half = FaultPlan(killed_at=step, extent=Extent.HALF)
                self._kill(f"{label}, half of step {step}", run, half, specs, powers=powers)
        raise AssertionError

    def _kill(
        self, label: str, run: FaultyScenario, faults: FaultPlan, specs: Sequence[Spec], *, powers: bool
    ) -> Process:
        """Kill once; then recover with each end of requests in transit and each power failure."""
        ways: list[tuple[int, Choose | None]] = []

        def first(history: History) -> None:
            run(history, faults)
            in_transit = IN_TRANSIT.values() if history.had_in_transit else (0,)
            ways.extend(product(in_transit, (None, *(_power_failures(history) if powers else ()))))
            recover(history, specs)

        subject = self.explore(label, first).subject
        for in_transit, power in ways[1:]:

            def again(history: History, in_transit: int = in_transit, power: Choose | None = power) -> None:
                history.in_transit = lambda _: in_transit
                run(history, faults)
                if power is not None:
                    history.fail_power(power)
                recover(history, specs)

            self.explore((label, in_transit, power), again)
        return subject


def _power_failures(history: History) -> Iterable[Choose]:
    """Return the power failures with different results."""
    if not history.setup.at_risk:
        return ()
    return {str(history.setup.survivors(choose)): choose for choose in POWER_LOSSES.values()}.values()
