"""Runs that race for one ledger: each request has one intent and is sent once."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from sendspec.errors import LedgerConflict
from sendspec.ledger import Intent
from sendspec.ledger.git_ledger import GitLedger
from sendspec.model import RequestKey, RequestState
from sendspec.protocol_limits import RUN_LOST_SECONDS
from tests.clocks import MovedClock
from tests.ledgers import AT, remote_with_clones, started
from tests.processes import clocked_apply
from tests.processes.campaigns import jobs, named, notices
from tests.processes.clones import Shared, ended, plain, start
from tests.processes.truth import TARGET, vendor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sendspec.ledger import Entry
    from tests.processes.truth import Vendor

RACERS = 16
ROUNDS = 100
WAIT = 300


class Racer(Thread):
    """One clone that starts the same request as all others, round after round.

    Every eighth round it opens a new session first, which folds the journal while others append.
    """

    def __init__(self, number: int, clone: Path, gate: Barrier) -> None:
        super().__init__()
        self.number = number
        self.won: list[int] = []
        self.failure: BaseException | None = None
        self._ledger = GitLedger(clone, "production", "api.example")
        self._gate = gate

    def run(self) -> None:
        try:
            self._race()
        except BaseException as error:  # noqa: BLE001 - raised where the racers are joined
            self.failure = error
            self._gate.abort()

    def _race(self) -> None:
        session = self._ledger.open()
        for number in range(ROUNDS):
            self._gate.wait(WAIT)
            if (number + self.number) % 8 == 0:
                with session:
                    pass
                session = self._ledger.open()
                if address(number) in session.state.sends:
                    continue  # the plan of a new run shows that another run has started it
            try:
                session.append(entries_of(number, self.number))
            except LedgerConflict:
                continue
            self.won.append(number)
        with session:
            pass


def entries_of(number: int, racer: int) -> list[Entry]:
    """Return the entries of a racer in a round; the attempts identify the racer."""
    header, _ = started(address(number))
    return [header, Intent(RequestKey(address(number), 1, 1), AT, attempts=racer)]


def address(number: int) -> str:
    return f"race/round{number}"


def test_one_of_sixteen_clones_gets_each_request(tmp_path: Path, record_property) -> None:
    """In each of a hundred rounds one append of sixteen succeeds, and the branch has only that intent."""
    _, clones = remote_with_clones(tmp_path, RACERS)
    GitLedger(clones[0], "production", "api.example").create()
    gate = Barrier(RACERS)
    racers = [Racer(number, clone, gate) for number, clone in enumerate(clones)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    for racer in racers:
        if racer.failure is not None:
            raise racer.failure
    winners = {number: [racer.number for racer in racers if number in racer.won] for number in range(ROUNDS)}
    assert all(len(won) == 1 for won in winners.values()), winners
    state = GitLedger(clones[0], "production", "api.example").read()
    recorded = {
        name: [(request.state, request.attempts) for request in record.requests]
        for name, record in state.sends.items()
    }
    assert recorded == {address(number): [(RequestState.INTENT, won[0])] for number, won in winners.items()}
    assert len({won[0] for won in winners.values()}) > 1
    record_property("races for one request, of sixteen clones", ROUNDS)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[Vendor]:
    with vendor(tmp_path_factory.mktemp("vendor")) as sandbox:
        yield sandbox


@pytest.mark.parametrize("campaign", [jobs(12), notices(12)], ids=["jobs", "notices"])
@pytest.mark.parametrize("number", range(4))
def test_whole_runs_of_two_clones_send_each_request_once(
    campaign, number, sandbox, tmp_path, record_property
) -> None:
    """Two parallel applies share the requests; each request is sent once."""
    shared = Shared(tmp_path, sandbox, named(campaign, f"Acme race {number}"))
    clones = [shared.clone(), shared.clone()]
    racing = [start("apply", clone.directory, *TARGET, "--auto-approve", where=tmp_path) for clone in clones]
    runs = [ended(process) for process in racing]
    assert {done.code for done in runs} <= {0, 6, 7}, runs
    for clone in clones:
        done = clone.apply()
        assert done.code == 0, (done, runs)
        clone.check_done()
    record_property("races of whole runs from two clones", 1)


def test_an_overtaken_run_does_not_record_not_sent(sandbox, tmp_path) -> None:
    """A run repeats a job that another one posted 15 minutes ago, and is killed after the acceptance."""
    shared = Shared(tmp_path, sandbox, named(jobs(1), "Acme overtaken"))
    early, late = shared.clone(), shared.clone()
    sandbox.arm("hold")
    first = start("apply", early.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.wait_held(1)
    assert "wait until" in late.run("plan", late.directory, *TARGET).out
    assert late.apply().code == 7
    sandbox.arm("hold", after=True)
    MovedClock(tmp_path / "clock").move(RUN_LOST_SECONDS, 0)
    second = clocked_apply.started(late.directory, tmp_path / "clock")
    sandbox.wait_held(2)
    second.kill()
    second.communicate()
    sandbox.release()
    assert "already exists" in ended(first).err
    early.check()
    early.settle()


def test_runs_of_one_directory_do_not_wait(sandbox, tmp_path) -> None:
    """While one apply holds a file ledger the others exit with 5 and name its process."""
    project = plain(tmp_path, sandbox, named(notices(2), "Acme here"))
    sandbox.arm("hold", times=2)
    first = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.wait_held(2)
    others = [start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path) for _ in range(3)]
    for done in map(ended, others):
        assert done.code == 5
        assert f"process {first.pid} on " in done.err
    sandbox.release()
    assert ended(first).code == 0
    project.check_done()
