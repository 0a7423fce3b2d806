"""Two machines and one git ledger: clocks that differ, and acceptances that meet on the branch."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec.apply import apply, drive
from sendspec.errors import ExitCode, LedgerConflict, SentTwice
from sendspec.ledger import Intent, RevisionStarted, Settled
from sendspec.ledger.git_ledger import GitLedger
from sendspec.model import (
    Endpoint,
    Outcome,
    OutcomeReason,
    Plan,
    PlannedSend,
    PlanReason,
    RequestKey,
    RequestState,
    SettledBy,
    Sign,
    Verdict,
)
from sendspec.protocol import Now, Post, Record
from tests.clocks import SetClock
from tests.ledgers import accepted, git, remote_with_clones, started
from tests.plans import NOW
from tests.projects import GATE, project
from tests.simulation.specs import Spec, facts_of, send_of

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.ledger import LedgerSession
    from sendspec.model import LedgerState
    from sendspec.protocol import Command, Machine

KEY, OTHER = RequestKey("gate/change", 1, 1), RequestKey("gate/other", 1, 1)
SETTINGS = "version: 1\ntargets:\n  production: {baseUrl: 'http://127.0.0.1:9', sandbox: true, ledger: git}\n"
TARGET = ("--target", "production")
STATED = ("--reason", "looked up")


@pytest.fixture
def clones(cli, tmp_path, monkeypatch) -> tuple[Path, Path]:
    """Return two clones of a project with an empty ledger; verbs run in the second."""
    _, (one, two) = remote_with_clones(tmp_path, 2)
    for clone in (one, two):
        project(clone / "specs", GATE, settings=SETTINGS)
    monkeypatch.chdir(two)
    assert cli("init", "--ledger", *TARGET).code == 0
    return one, two


def ledger(clone: Path) -> GitLedger:
    return GitLedger(clone / "specs", "production", "127.0.0.1:9")


def start_elsewhere(clone: Path, at: datetime) -> LedgerSession:
    """Start the request in a session of another machine, whose clock shows `at`."""
    session = ledger(clone).open()
    header, _ = started(KEY.address)
    assert isinstance(header, RevisionStarted)
    session.append([header, Intent(KEY, at.replace(microsecond=0))])
    return session


@pytest.mark.red_team(7)
@pytest.mark.parametrize("behind", [timedelta(minutes=20), timedelta(days=400), timedelta(0)])
def test_the_guard_counts_from_the_first_sighting(behind, clones, cli):
    """However slow the clock of another machine is, its run counts as lost 15 minutes after it is seen."""
    one, two = clones
    start_elsewhere(one, datetime.now(UTC) - behind)
    plan = cli("plan", *TARGET)
    assert "still running, or lost" in plan.out
    refused = cli("resolve", str(KEY), *TARGET, "--not-sent", *STATED)
    assert (refused.code, "its run may still be sending it" in refused.err) == (1, True)
    [memory] = (two / ".git" / "sendspec").glob("*.json")
    seen = dict.fromkeys(json.loads(memory.read_text()), "2020-01-01T00:00:00Z")
    memory.write_text(json.dumps(seen))
    done = cli("resolve", str(KEY), *TARGET, "--not-sent", *STATED)
    assert (done.code == 0) is (behind > timedelta(minutes=15)), done.err


@pytest.mark.red_team(7)
def test_a_memory_that_is_lost_or_damaged_counts_anew(clones, cli):
    """Without a readable memory the guard waits from now on, and never less."""
    one, two = clones
    start_elsewhere(one, datetime.now(UTC) - timedelta(hours=1))
    assert cli("plan", *TARGET).code == 3
    [memory] = (two / ".git" / "sendspec").glob("*.json")
    for content in (b"", b"[]", b"{", b'{"x": 1}', b"\xff", b'{"x": "2036-13-01T00:00:00Z"}'):
        memory.write_bytes(content)
        assert cli("resolve", str(KEY), *TARGET, "--not-sent", *STATED).code == 1
    memory.unlink()
    memory.mkdir()
    assert cli("resolve", str(KEY), *TARGET, "--not-sent", *STATED).code == 1


class MeetingDriver:
    """Posts once; while the answer is on its way, another run records its own acceptance."""

    def __init__(self, session: LedgerSession, other: GitLedger) -> None:
        self._session = session
        self._other = other
        self._events: list[object] = []
        self._clock = SetClock()

    def now(self) -> Now:
        return Now(self._clock.wall(), self._clock.elapsed())

    def start(self, command: Command) -> None:
        match command:
            case Record(entries):
                self._session.append(entries)
                self._events.append(lambda machine: machine.on_recorded())
            case Post(key):
                self._other.open().append([accepted(key.address, transaction_id="theirs")])
                ours = Outcome(Verdict.SENT, OutcomeReason.ACCEPTED, transaction_id="ours")
                self._events.append(lambda machine: machine.on_answer(key, ours, self.now()))

    def wait(self, machine: Machine) -> None:
        self._events.pop(0)(machine)  # type: ignore[operator]


@pytest.mark.red_team(7)
def test_two_acceptances_of_one_request_are_an_error(clones):
    """A run that finds another acceptance of its request does not exit 0, and the ledger has both ids."""
    one, two = clones
    spec = Spec(KEY.address, Endpoint.CONTACTS)
    planned = PlannedSend(Sign.SEND, PlanReason.NEW, send_of(spec), facts_of(spec), batches=(1,))
    plan = Plan("production", "127.0.0.1:9", (planned,), (), "digest", NOW)

    def perform(machine: Machine, session: LedgerSession, _plan: Plan) -> None:
        drive(machine, MeetingDriver(session, ledger(two)))

    receipt = apply(ledger(one), lambda _state: plan, lambda _plan: None, perform, concurrency=1)
    assert receipt.exit_code is ExitCode.ERROR
    [error] = receipt.errors
    assert isinstance(error, SentTwice)
    assert str(KEY) in str(error)
    request = ledger(two).read().request(KEY)
    assert request is not None
    assert {*request.vendor_ids} == {"ours", "theirs"}


class OvertakenDriver(MeetingDriver):
    """Gets a refusal for every request; before the last answer another run takes over and sends both."""

    def start(self, command: Command) -> None:
        if isinstance(command, Record):
            self._events.append(lambda machine: self._append(machine, command))
            return
        if command.key.address == OTHER.address:
            session = self._other.open()
            for key in (KEY, OTHER):
                intent = Intent(key, self._clock.wall(), run="other")
                session.append([intent, accepted(key.address, transaction_id=key.address)])
        refused = Outcome(Verdict.REFUSED, OutcomeReason.REFUSED)
        self._events.append(lambda machine: machine.on_answer(command.key, refused, self.now()))

    def _append(self, machine: Machine, command: Record) -> None:
        try:
            self._session.append(command.entries)
        except LedgerConflict as conflict:
            machine.on_conflict(conflict)
        else:
            machine.on_recorded()


def test_a_result_that_the_ledger_contradicts_is_not_in_the_receipt(clones):
    """After a lost race the receipt omits a refusal of a request that the other run has sent since."""
    one, two = clones
    specs = [Spec(key.address, Endpoint.CONTACTS) for key in (KEY, OTHER)]

    def make_plan(state: LedgerState) -> Plan:
        record = state.sends.get
        signs = Sign.SEND if KEY.address not in state.sends else Sign.DONE
        batches = (1,) if signs is Sign.SEND else ()
        planned = [
            PlannedSend(
                signs, PlanReason.NEW, send_of(spec), facts_of(spec), record(spec.address), batches=batches
            )
            for spec in specs
        ]
        return Plan("production", "127.0.0.1:9", tuple(planned), (), "digest", NOW)

    def perform(machine: Machine, session: LedgerSession, _plan: Plan) -> None:
        drive(machine, OvertakenDriver(session, ledger(two)))

    receipt = apply(ledger(one), make_plan, lambda _plan: None, perform, concurrency=1)
    assert (receipt.exit_code, receipt.results) == (ExitCode.OK, ())


@pytest.mark.red_team(7)
def test_a_resolve_that_meets_another_acceptance_is_an_error(clones, cli, monkeypatch):
    """An acceptance that a person records beside one of a run is kept, and the verb exits 1."""
    one, two = clones
    other = start_elsewhere(one, datetime.now(UTC))
    record = Settled(
        KEY, RequestState.SENT, datetime(2026, 12, 1, tzinfo=UTC), 1, transaction_id="mine",
        reason=OutcomeReason.STATED, settled_by=SettledBy.PERSON,
    )  # fmt: skip
    session = ledger(two).open()
    other.append([accepted(KEY.address, transaction_id="theirs")])
    session.append([record])
    assert session.double_acceptances == (KEY,)
    assert git("log", "--format=%s", "origin/sendspec-state", "-1", where=two) is not None
