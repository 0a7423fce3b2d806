"""A row of the benchmark: contestants that run in turn, and the lines that compare their costs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.bench.processes import Cost, Failed, NotAvailable

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from tests.bench.yardsticks import Yardsticks

Contestant = Callable[[], Cost]
"""Runs once and returns its cost; raises Failed or NotAvailable."""

PRODUCT: Final = "sendspec"
MEGABYTE: Final = 1_000_000


class Samples(NamedTuple):
    """The costs of all runs of one contestant."""

    costs: tuple[Cost, ...]

    @property
    def seconds(self) -> float:
        """The median of the wall times."""
        return median(cost.seconds for cost in self.costs)

    @property
    def best(self) -> float:
        """The shortest wall time."""
        return min(cost.seconds for cost in self.costs)

    @property
    def cpu(self) -> float:
        """The median of the CPU times, which other work of the machine changes less."""
        return median(cost.cpu for cost in self.costs)

    @property
    def peak(self) -> float:
        """The median of the peaks, in megabytes."""
        return median(cost.peak for cost in self.costs) / MEGABYTE


Results = Mapping[str, Samples]


class Reading(NamedTuple):
    """The cells of one line: both sides, their ratio, and whether the goal is reached (None: no goal)."""

    product: str
    yardstick: str
    ratio: str
    reached: bool | None


@dataclass(frozen=True)
class Line:
    """A line of the table: `read` compares the contestants in `needs`."""

    what: str
    goal: str
    needs: tuple[str, ...]
    read: Callable[[Results], Reading]


@dataclass(frozen=True)
class Comparison:
    """What a row measures; `repeat` multiplies the rounds of cheap contestants.

    A first round that does not count fills caches, unless the contestants take long.
    """

    contestants: Mapping[str, Contestant]
    lines: tuple[Line, ...]
    repeat: int = 1
    warms_up: bool = True


@dataclass(frozen=True)
class Bench:
    """One run of the benchmark: its folder, its yardsticks, its rounds, and the scale of its sizes.

    `cache` outlives the run; `opened` closes the servers of a row at the end of the run.
    """

    folder: Path
    cache: Path
    yardsticks: Yardsticks
    opened: ExitStack
    runs: int
    scale: float

    def size(self, full: int, *, least: int = 1) -> int:
        """Return a size of the whole benchmark at this scale, at least `least`."""
        return max(least, round(full * self.scale))

    def fresh(self, name: str) -> Path:
        """Return a new empty folder of that name; an earlier one is removed."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


@dataclass(frozen=True)
class Row:
    """A row by its name; `prepare` writes its data and returns what it compares."""

    name: str
    summary: str
    prepare: Callable[[Bench], Comparison]


@dataclass(frozen=True)
class Outcome:
    """A line of the table with its result: `reached`, `missed`, `measured`, or why it has no figures."""

    row: str
    what: str
    goal: str
    reading: Reading | None
    problem: str = ""
    crashed: bool = False

    @property
    def result(self) -> str:
        """The last cell of the line."""
        if self.reading is None:
            return self.problem
        return {True: "reached", False: "missed", None: "measured"}[self.reading.reached]


def run_row(row: Row, bench: Bench) -> list[Outcome]:
    """Measure one row and return its lines; a contestant that fails costs only the lines that need it."""
    try:
        comparison = row.prepare(bench)
    except (Failed, NotAvailable) as error:
        crashed = isinstance(error, Failed)
        return [Outcome(row.name, row.summary, "", None, _problem(error), crashed)]
    results, problems = _run_in_turn(comparison, bench)
    return [_outcome(row, line, results, problems) for line in comparison.lines]


def _run_in_turn(
    comparison: Comparison, bench: Bench
) -> tuple[dict[str, Samples], dict[str, Failed | NotAvailable]]:
    """Run the contestants in turn, so that other work of the machine slows all of them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in comparison.contestants}
    problems: dict[str, Failed | NotAvailable] = {}
    warm_up = comparison.warms_up and bench.runs > 1
    for turn in range(bench.runs * comparison.repeat + warm_up):
        for name, run in comparison.contestants.items():
            if name in problems:
                continue
            try:
                cost = run()
            except (Failed, NotAvailable) as error:
                problems[name] = error
                continue
            if turn or not warm_up:
                costs[name].append(cost)
    measured = {name: Samples(tuple(taken)) for name, taken in costs.items() if name not in problems}
    return measured, problems


def _outcome(
    row: Row, line: Line, results: Results, problems: Mapping[str, Failed | NotAvailable]
) -> Outcome:
    for name in line.needs:
        if name in problems:
            error = problems[name]
            crashed = isinstance(error, Failed)
            return Outcome(row.name, line.what, line.goal, None, _problem(error), crashed)
    return Outcome(row.name, line.what, line.goal, line.read(results))


def _problem(error: Failed | NotAvailable) -> str:
    return f"failed: {error}" if isinstance(error, Failed) else f"not available: {error}"
