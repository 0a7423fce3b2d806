"""A defect of sendspec during a run: nothing more is posted, everything known is recorded."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sendspec.apply import apply, drive
from sendspec.errors import ExitCode, InternalError
from sendspec.ledger.file_ledger import FileLedger
from sendspec.model import (
    Endpoint,
    Outcome,
    OutcomeReason,
    Plan,
    PlannedSend,
    PlanReason,
    RequestKey,
    Sign,
    Verdict,
)
from sendspec.protocol import Now, Post, Record
from sendspec.protocol.transitions import TRANSITIONS, IllegalTransition, Stage, Trigger, next_stage
from sendspec.report.receipt_json import receipt_json
from sendspec.structs import replace
from tests.plans import NOW
from tests.simulation.specs import Spec, facts_of, send_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sendspec.apply import Receipt
    from sendspec.ledger import LedgerSession
    from sendspec.protocol import Command, Machine

ACCEPTED = Outcome(Verdict.SENT, OutcomeReason.ACCEPTED, transaction_id="t")
REFUSED = Outcome(Verdict.REFUSED, OutcomeReason.REFUSED)


class DefectiveDriver:
    """Does one command after another; at the first answer it reports that answer twice."""

    def __init__(self, session: LedgerSession, answers: list[Outcome]) -> None:
        self.session = session
        self.answers = answers
        self.events: list[Callable[[Machine], None]] = []
        self.posts = 0

    def now(self) -> Now:
        return Now(datetime(2026, 12, 1, tzinfo=UTC), 0.0)

    def start(self, command: Command) -> None:
        match command:
            case Record(entries):
                self.session.append(entries)
                self.events.append(lambda machine: machine.on_recorded())
            case Post(key):
                self.posts += 1
                # Each request has an id of its own, because one of another request proves nothing.
                accepted = replace(ACCEPTED, transaction_id=f"t{key.batch}")
                answers = self.answers if self.posts == 1 else [accepted]
                for answer in answers:
                    self.events.append(
                        lambda machine, answer=answer: machine.on_answer(key, answer, self.now())
                    )

    def wait(self, machine: Machine) -> None:
        self.events.pop(0)(machine)


def run(directory: Path, answers: list[Outcome]) -> tuple[Receipt, int]:
    """Apply a send of four requests, two at a time; return the receipt and the number of posts."""
    spec = Spec("sale/teaser", Endpoint.CONTACTS, batches=4)
    planned = PlannedSend(Sign.SEND, PlanReason.NEW, send_of(spec), facts_of(spec), batches=(1, 2, 3, 4))
    plan = Plan("sandbox", "sandbox", (planned,), (), "digest", NOW)
    drivers: list[DefectiveDriver] = []

    def perform(machine: Machine, session: LedgerSession, _plan: Plan) -> None:
        drivers.append(DefectiveDriver(session, answers))
        drive(machine, drivers[0])

    ledger = FileLedger(directory, "sandbox", "sandbox")
    receipt = apply(ledger, lambda _state: plan, lambda _plan: None, perform, concurrency=2)
    return receipt, drivers[0].posts


def states(directory: Path) -> list[str]:
    record = FileLedger(directory, "sandbox", "sandbox").read().sends["sale/teaser"]
    return [request.state.value for request in record.requests]


def test_an_answer_that_comes_twice_ends_the_run(tmp_path: Path) -> None:
    """Both requests in flight are awaited and recorded, the fourth is not posted, and the run ends with 1."""
    receipt, posts = run(tmp_path, [ACCEPTED, ACCEPTED])
    assert posts == 3
    assert [type(error) for error in receipt.errors] == [InternalError]
    assert str(receipt.errors[0]) == (
        "internal error: sale/teaser#1: 'answered' is impossible in stage 'settled'; nothing more was posted"
    )
    assert receipt.exit_code is ExitCode.ERROR
    assert states(tmp_path) == ["sent", "sent", "sent", "not-sent"]
    assert all(result.recorded for result in receipt.results)


def test_a_contradicted_refusal_becomes_unknown(tmp_path: Path) -> None:
    """A request that was refused and then accepted is unknown, in the ledger too, and the run ends with 7."""
    receipt, _ = run(tmp_path, [REFUSED, ACCEPTED])
    assert receipt.exit_code is ExitCode.UNKNOWN
    assert states(tmp_path)[0] == "unknown"


def test_the_receipt_has_the_internal_error(tmp_path: Path) -> None:
    """The receipt as JSON names the internal error and every request."""
    receipt, _ = run(tmp_path, [ACCEPTED, ACCEPTED])
    value = json.loads(receipt_json("sandbox", receipt, None, receipt.exit_code))
    assert value["exitCode"] == 1
    assert value["errors"][0]["message"].startswith("internal error: ")
    assert [request["state"] for request in value["requests"]] == ["sent", "sent", "sent", "not-sent"]


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("trigger", Trigger)
def test_only_the_transitions_of_the_table_are_possible(stage: Stage, trigger: Trigger) -> None:
    """Each pair of a stage and an event leads to the stage of the table, or raises."""
    key = RequestKey("sale/teaser", 1, 1)
    if (stage, trigger) in TRANSITIONS:
        assert next_stage(stage, trigger, key) is TRANSITIONS[stage, trigger]
    else:
        with pytest.raises(IllegalTransition, match="is impossible in stage"):
            next_stage(stage, trigger, key)
