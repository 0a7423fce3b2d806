"""Runs that race for one ledger: whoever wins, each request has one intent and is sent once."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from sendspec.errors import LedgerConflict
from sendspec.ledger import Intent
from sendspec.ledger.git_ledger import GitLedger
from sendspec.model import RequestKey, RequestState
from tests.ledgers import AT, begun, remote_with_clones
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
    """One clone that wants the same request as everybody else, round after round.

    Every eighth round it begins a new session first, which folds the journal while others append.
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
        except BaseException as error:  # noqa: BLE001 - told where the racers are waited for
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
                    continue  # its plan would say that somebody has begun it
            try:
                session.append(wanted(number, self.number))
            except LedgerConflict:
                continue
            self.won.append(number)
        with session:
            pass


def wanted(number: int, racer: int) -> list[Entry]:
    """Give what a racer appends in a round: an intent that can be told from the others'."""
    header, _ = begun(address(number))
    return [header, Intent(RequestKey(address(number), 1, 1), AT, attempts=racer)]


def address(number: int) -> str:
    return f"race/round{number}"


def test_of_sixteen_clones_that_want_one_request_one_gets_it(tmp_path: Path, record_property) -> None:
    """In each of a hundred rounds one append of sixteen succeeds, and the branch has that intent alone."""
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
    told = {
        name: [(one.state, one.attempts) for one in record.requests] for name, record in state.sends.items()
    }
    assert told == {address(number): [(RequestState.INTENT, won[0])] for number, won in winners.items()}
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
    """Two applies at once share the requests somehow; nothing is sent twice or left out."""
    shared = Shared(tmp_path, sandbox, named(campaign, f"Acme race {number}"))
    clones = [shared.clone(), shared.clone()]
    racing = [start("apply", one.directory, *TARGET, "--auto-approve", where=tmp_path) for one in clones]
    runs = [ended(process) for process in racing]
    assert {done.code for done in runs} <= {0, 6, 7}, runs
    for clone in clones:
        done = clone.apply()
        assert done.code == 0, (done, runs)
        clone.check_done()
    record_property("races of whole runs from two clones", 1)


def test_a_run_that_was_overtaken_does_not_call_unsent_what_the_other_sent(sandbox, tmp_path) -> None:
    """The later of two runs repeats a job that the earlier has in flight, and dies with the acceptance."""
    shared = Shared(tmp_path, sandbox, named(jobs(1), "Acme overtaken"))
    early, late = shared.clone(), shared.clone()
    sandbox.arm("hold")
    first = start("apply", early.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.wait_held(1)
    sandbox.arm("hold", after=True)
    second = start("apply", late.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.wait_held(2)
    second.kill()
    ended(second)
    sandbox.release()
    assert "already exists" in ended(first).err
    early.check()
    early.settle()


def test_runs_of_one_directory_do_not_wait(sandbox, tmp_path) -> None:
    """While one apply holds a file ledger the others exit 5 and name it; each request is sent once."""
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
