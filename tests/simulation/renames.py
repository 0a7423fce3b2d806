"""Families of renames: specs edited between runs, and runs of specs with and without a rename together.

A send is renamed in its campaign, its id or a value of its matrix, its axes change places, or several of
these, with `formerly` and without. Or a new send takes the address of the next one, and so on. Older
specs are applied again after the rename.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, product
from typing import TYPE_CHECKING, Final

from sendspec.errors import ExitCode
from sendspec.model import Endpoint
from sendspec.structs import replace
from tests.simulation.history import unknown_in
from tests.simulation.process import NO_FAULTS, FaultPlan
from tests.simulation.replies import ACCEPTANCE, REFUSAL, REPLIES
from tests.simulation.simulated_driver import Script
from tests.simulation.specs import Spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.explorer import Explorer
    from tests.simulation.history import History
    from tests.simulation.replies import Reply

FIRST: Final = "sale/a[en,gold]"
RENAMED: Final = {
    "campaign": "autumn/a[en,gold]",
    "id": "sale/b[en,gold]",
    "value": "sale/a[de,gold]",
    "all": "autumn/b[de,gold]",
}
THIRD: Final = "winter/c[fr,gold]"
AXES: Final = ("locale", "tier")
SWAPPED: Final = "sale/a[gold,en]"
"""The address of the first send in a version that used the order of the axes in the file."""
_ROUNDS_MAX: Final = 6
_ENDPOINTS: Final = tuple(Endpoint)
_STRIDE: Final = 8
"""Every eighth step of a scenario, so that the family takes seconds."""
_LOST: Final = REPLIES[3]


def _trees(endpoint: Endpoint, batches: int) -> Iterator[tuple[str, list[tuple[Spec, ...]]]]:
    """Yield the sequences of specs, with the shifted ones; the last one is that of the recovery."""
    for name, specs in _specs(endpoint, batches):
        yield name, [(spec,) for spec in specs]
    first = Spec(FIRST, endpoint, batches=batches, axes=AXES)
    second = replace(first, address=RENAMED["id"], content=1, audience=1)
    shifted = (
        replace(first, content=2, audience=2),
        replace(first, address=RENAMED["id"]),
        replace(second, address=THIRD),
    )
    yield "shifted, forgotten", [(first, second), shifted, (first, second), shifted]


def _specs(endpoint: Endpoint, batches: int) -> Iterator[tuple[str, list[Spec]]]:
    """Yield the sequences of specs of one send."""
    first = Spec(FIRST, endpoint, batches=batches, axes=AXES)
    for name, address in RENAMED.items():
        forgotten = replace(first, address=address)
        moved = replace(forgotten, formerly=(FIRST,))
        yield f"{name}, forgotten", [first, forgotten, first]
        yield f"{name}, formerly", [first, moved, first, forgotten, moved]
    moved = replace(first, address=RENAMED["id"], formerly=(FIRST,))
    third = replace(first, address=THIRD, formerly=(RENAMED["id"],))
    yield "a chain", [first, moved, third, first, moved, third]
    yield "back", [first, moved, replace(first, formerly=(RENAMED["id"],)), moved]
    yield "an edit", [first, replace(moved, content=1), first]
    yield "another revision", [first, replace(moved, revision=2), first, replace(moved, revision=2)]
    older = replace(first, address=SWAPPED, axes=())
    yield "axes", [older, first]
    yield "axes and a rename", [older, replace(first, address=THIRD, formerly=(FIRST,))]


def renames(explorer: Explorer, endpoint: Endpoint) -> None:
    """Kill the first or the second run at each step, and apply the other specs after it."""
    scripts = (Script(), Script([_LOST]), Script([REFUSAL]))
    scenarios = product(_trees(endpoint, 2), (0, 1), scripts)
    for number, ((name, trees), killed, script) in enumerate(scenarios):
        # All endpoints together try each scenario, and all scenarios together each step.
        if (number + number // len(scripts)) % len(_ENDPOINTS) != _ENDPOINTS.index(endpoint):
            continue
        for step in count(1 + number % _STRIDE, _STRIDE):
            edits = _Edits(trees, killed, step, script, reported="forgotten" in name)
            if not explorer.explore((name, killed, str(script), step), edits.run).subject.dead:
                break


@dataclass(frozen=True)
class _Edits:
    """Specs that are applied in turn, and a kill of the run number `killed` at a step."""

    trees: list[tuple[Spec, ...]]
    killed: int
    step: int
    script: Script
    reported: bool
    """Whether the last specs lack `formerly`, so that their send is reported instead of sent."""

    def run(self, history: History) -> None:
        history.checks.knows_renames = True
        history.in_transit = lambda _: self.step % 3
        for index, tree in enumerate(self.trees):
            faults = FaultPlan(killed_at=self.step) if index == self.killed else NO_FAULTS
            history.apply([*tree], faults, self.script.restarted() if index <= self.killed else None)
        _recover(history, self.trees[-1], reported=self.reported)


def renaming_runs(explorer: Explorer, endpoint: Endpoint) -> None:
    """Start a run of the renamed send within each step of a run of the former one, and the reverse."""
    before = Spec(FIRST, endpoint, batches=2, axes=AXES)
    after = replace(before, address=RENAMED["all"], formerly=(FIRST,))
    for trees, reply in product(((before, after), (after, before)), (ACCEPTANCE, _LOST)):
        for nested_at in count(1):
            runs = _Runs(*trees, reply, nested_at, after)
            label = (trees[0].address, reply.name, nested_at)
            if explorer.explore(label, runs.run).subject.steps < nested_at:
                break


@dataclass(frozen=True)
class _Runs:
    """A run of `second` within a step of a run of `first`; `last` are the specs of the recovery."""

    first: Spec
    second: Spec
    reply: Reply
    nested_at: int
    last: Spec

    def run(self, history: History) -> None:
        def run_nested() -> None:
            history.apply([self.second], script=Script([self.reply]))

        history.checks.knows_renames = True
        history.apply([self.first], FaultPlan(nested={self.nested_at: run_nested}))
        _recover(history, (self.last,))


def _recover(history: History, specs: tuple[Spec, ...], *, reported: bool = False) -> None:
    """Apply and resolve until nothing is unknown; `reported` says that a rename may be reported instead."""
    for _ in range(_ROUNDS_MAX):
        code = history.apply([*specs])
        state = history.read()
        unknown = unknown_in(state)
        if not unknown:
            break
        history.resolve(unknown)
    history.checks.check_ledger(state, others=not history.setup.excludes)
    finished = code in (ExitCode.OK, ExitCode.REFUSED) or (reported and code is ExitCode.FINDINGS)
    history.checks.require(finished, "complete", f"apply still ends with {code!r}")
    for spec in specs if code is ExitCode.OK else ():
        if spec.content == 0:
            history.checks.check_complete(spec, state)
