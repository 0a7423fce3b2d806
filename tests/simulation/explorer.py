"""Plays histories: one kill anywhere, every way in which a power failure leaves it, and the recovery."""

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
    Play = Callable[[History], object]
    PlayWith = Callable[[History, FaultPlan], object]

POWER_LOSSES: Final[dict[str, Choose]] = {
    "durable only": lambda _: 0,
    "everything": lambda possible: 1 % possible,
    "torn": lambda possible: 2 % possible,
    "torn at its last byte": lambda possible: 3 % possible,
    "zeros": lambda possible: 5 % possible,
    "zeros at its start": lambda possible: 6 % possible,
}
"""What a power failure leaves of a file or a name that was not made durable."""

IN_TRANSIT: Final = {"is lost": 0, "arrives": 1, "is late": 2}
"""What becomes of a request that was on its way when its process went."""


class InvariantBroken(Exception):
    """A history broke an invariant."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class Explorer:
    """Plays histories and counts; one that breaks an invariant is played again with its trace."""

    def __init__(self, setup: Callable[[], LedgerSetup]) -> None:
        self.counts: Counter[str] = Counter()
        self._place = setup

    def play(self, label: object, play: Play) -> History:
        """Play a history to its end.

        Raises:
            InvariantBroken: it broke an invariant.
        """
        history = History(self._place())
        try:
            play(history)
        except Violation as violation:
            again = History(self._place(), trace=Trace(kept=True))
            with suppress(Violation):
                play(again)
            raise InvariantBroken(
                Failure(str(label), str(violation), tuple(again.trace.lines))
            ) from violation
        self.counts["histories"] += 1
        self.counts += history.counts
        return history

    def kill_everywhere(
        self, label: str, run: PlayWith, specs: Sequence[Spec], *, powers: bool = True
    ) -> int:
        """Kill the process that `run` gives the faults to at each of its steps, in every way, and recover.

        Without `powers` the machine never loses its power as well.

        Returns:
            How many steps it has.
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
        self, label: str, run: PlayWith, faults: FaultPlan, specs: Sequence[Spec], *, powers: bool
    ) -> Process:
        """Recover with and without a power failure, whatever became of what was on its way."""
        ways: list[tuple[int, Choose | None]] = []

        def first(history: History) -> None:
            run(history, faults)
            in_transit = IN_TRANSIT.values() if history.had_in_transit else (0,)
            ways.extend(product(in_transit, (None, *(_power_failures(history) if powers else ()))))
            recover(history, specs)

        subject = self.play(label, first).subject
        for in_transit, power in ways[1:]:

            def again(history: History, in_transit: int = in_transit, power: Choose | None = power) -> None:
                history.in_transit = lambda _: in_transit
                run(history, faults)
                if power is not None:
                    history.fail_power(power)
                recover(history, specs)

            self.play((label, in_transit, power), again)
        return subject


def _power_failures(history: History) -> Iterable[Choose]:
    """Give the power failures that leave something else than each other."""
    if not history.setup.at_risk:
        return ()
    return {str(history.setup.survivors(choose)): choose for choose in POWER_LOSSES.values()}.values()
