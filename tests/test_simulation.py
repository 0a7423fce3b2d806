"""The simulation of docs/simulation.md: every family, 100,000 random schedules, and tests of its parts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sendspec.model import Endpoint
from tests.simulation.checks import INVARIANTS, Violation
from tests.simulation.collector import rare_collections
from tests.simulation.families import FAMILIES, run_family
from tests.simulation.filesystem import ProcessDisk, Storage
from tests.simulation.ledger_setups import FileSetup
from tests.simulation.process import NO_FAULTS, FaultPlan, Killed, Process
from tests.simulation.remembered_results import remembered_ledgers
from tests.simulation.replies import REPLIES
from tests.simulation.schedules import run_schedules, trace_of
from tests.simulation.trace import Trace

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from tests.simulation.failure import Failure

ROOT = Path(__file__).resolve().parents[1]
CHUNKS, CHUNK = 40, 2_500
JOURNAL = Path("/project/journal")


@pytest.fixture(scope="module", autouse=True)
def _fast_simulation():
    with rare_collections(), remembered_ledgers():
        yield


def check(found: tuple[Counter[str], Failure | None], record_property: Callable[[str, int], None]) -> None:
    """Report the counts; fail with the trace if an invariant did not hold."""
    counts, failure = found
    assert failure is None, str(failure)
    for what, number in counts.items():
        record_property(f"simulated {what}", number)


@pytest.mark.parametrize("name", FAMILIES)
def test_family(name, record_property):
    """Every invariant holds in every history of the family."""
    check(run_family(name), record_property)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_schedules(chunk, record_property):
    """Every invariant holds in every schedule of the chunk."""
    check(run_schedules(range(chunk * CHUNK, (chunk + 1) * CHUNK)), record_property)


def test_there_are_enough_replies():
    """At least 41 replies are tried at each kill point, for each of the three endpoints."""
    assert len(REPLIES) >= 41
    assert len({reply.name for reply in REPLIES}) == len(REPLIES)
    assert {f"kills {endpoint.value} {kept}" for endpoint in Endpoint for kept in ("file", "git")} <= set(
        FAMILIES
    )


def test_a_seed_replays_exactly():
    """The same seed gives the same trace, also in another process."""
    replayed = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--replay", "4711"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert replayed.stdout.splitlines() == trace_of(4711)
    assert trace_of(4711) == trace_of(4711)
    assert trace_of(4711) != trace_of(4712)


def test_the_page_names_every_invariant_and_family():
    """docs/simulation.md has the invariants and the families of the code."""
    page = (ROOT / "docs" / "simulation.md").read_text(encoding="utf-8")
    for name, meaning in INVARIANTS.items():
        assert f"| {name} | {meaning} |" in page
    families = {name.partition(" ")[0] for name in FAMILIES}
    section = page.partition("## The families")[2].partition("\n## ")[0]
    assert families == set(re.findall(r"^\| (\w+) \| [A-Z]", section, re.MULTILINE)) - {"schedules"}


def test_a_violation_names_its_invariant():
    """Only a listed invariant can be reported."""
    assert Violation("once", "sale/a#1").invariant == "once"
    with pytest.raises(KeyError):
        Violation("twice", "sale/a#1")


def filesystem(storage: Storage, faults: FaultPlan = NO_FAULTS) -> ProcessDisk:
    return ProcessDisk(storage, Process("run", faults, Trace()))


def written(storage: Storage, *, sync: bool, sync_directory: bool) -> None:
    disk = filesystem(storage)
    handle = disk.open(JOURNAL)
    disk.write(handle, b"line\n")
    if sync:
        disk.sync(handle)
    if sync_directory:
        disk.sync_directory(JOURNAL.parent)


@pytest.mark.parametrize(
    ("sync", "sync_directory", "left"),
    [(True, True, b"line\n"), (True, False, None), (False, True, b""), (False, False, None)],
)
def test_a_power_failure_takes_what_is_not_durable(sync, sync_directory, left):
    """A file survives whole only if both its content and its name were made durable."""
    storage = Storage()
    written(storage, sync=sync, sync_directory=sync_directory)
    assert filesystem(storage).read(JOURNAL) == b"line\n"
    storage.fail_power(lambda _: 0)
    assert filesystem(storage).read(JOURNAL) == left


def test_a_power_failure_may_tear_a_line():
    """Data that was not flushed may be lost, kept, cut or full of zeros."""
    outcomes = set()
    for choice in range(8):
        storage = Storage()
        written(storage, sync=False, sync_directory=True)
        storage.fail_power(lambda possible, choice=choice: choice % possible)
        outcomes.add(filesystem(storage).read(JOURNAL))
    assert {b"", b"line\n", b"line", b"li", bytes(5)} <= outcomes


def test_a_failed_flush_loses_its_data_for_good():
    """A successful fsync does not restore the data that an earlier failed one lost."""
    storage = Storage()
    failing = filesystem(storage, FaultPlan(fails_at=3))
    handle = failing.open(JOURNAL)
    failing.write(handle, b"lost ")
    with pytest.raises(OSError, match="EIO"):
        failing.sync(handle)
    failing.write(handle, b"kept")
    failing.sync(handle)
    failing.sync_directory(JOURNAL.parent)
    storage.fail_power(lambda _: 0)
    assert filesystem(storage).read(JOURNAL) == bytes(5) + b"kept"


def test_a_lock_goes_with_its_process():
    """A lock excludes others until its process has ended, even by a kill."""
    storage = FileSetup()
    holder = filesystem(storage, FaultPlan(killed_at=2))
    holder.lock(JOURNAL, b"me")
    with pytest.raises(BlockingIOError):
        filesystem(storage).lock(JOURNAL, b"you")
    with pytest.raises(Killed):
        holder.read(JOURNAL)
    storage.end(holder.process)
    filesystem(storage).lock(JOURNAL, b"you")
