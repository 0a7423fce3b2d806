"""docs/lifecycle.md compared with the code: its table of kill points and its diagram of stages."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sendspec.apply import apply, drive
from sendspec.compare import SendState, compare
from sendspec.ledger.file_ledger import FileLedger
from sendspec.ledger.filesystem import RealFilesystem
from sendspec.model import Endpoint, Outcome, OutcomeReason, Plan, PlannedSend, PlanReason, Sign, Verdict
from sendspec.protocol import Now, Post, Record
from sendspec.protocol.transitions import diagram
from tests.plans import NOW
from tests.simulation.specs import Spec, facts_of, send_of

if TYPE_CHECKING:
    from sendspec.ledger import LedgerSession
    from sendspec.model import LedgerState
    from sendspec.protocol import Command, Machine

PAGE = (Path(__file__).parents[1] / "docs" / "lifecycle.md").read_text()
ADDRESS = "sale/teaser"
NEXT = {
    SendState.NEW: "sends",
    SendState.UNKNOWN: "unknown",
    SendState.PARTIAL: "repeats",
    SendState.DONE: "done",
}


class Killed(BaseException):
    """The process has ended: nothing after this happens."""


@dataclass
class MortalDisk(RealFilesystem):
    """The real disk of a process that dies at one of its calls, in the middle of it if it is a write."""

    dies_at: str
    lines: int = 0
    dead: bool = False
    handles: set[int] = field(default_factory=set)

    def at(self, point: str) -> None:
        if self.dead or point == self.dies_at:
            self.dead = True
            raise Killed

    def open(self, path: Path, *, private: bool = False) -> int:
        self.at("open")
        handle = super().open(path, private=private)
        self.handles.add(handle)
        return handle

    def lock(self, path: Path, line: bytes, *, private: bool = False) -> int:
        handle = super().lock(path, line, private=private)
        self.handles.add(handle)
        return handle

    def close(self, handle: int) -> None:
        if not self.dead:
            self.handles.discard(handle)
            super().close(handle)

    def write(self, handle: int, content: bytes) -> None:
        self.lines += 1
        if self.dies_at == f"write {self.lines}":
            super().write(handle, content[: len(content) // 2])
        self.at(f"write {self.lines}")
        super().write(handle, content)

    def sync(self, handle: int) -> None:
        self.at("sync")
        super().sync(handle)

    def replace(self, source: Path, path: Path) -> None:
        self.at("replace")
        super().replace(source, path)

    def remove(self, path: Path) -> None:
        self.at("remove")
        super().remove(path)

    def end(self) -> None:
        """Close the files of the dead process, as the system does."""
        for handle in self.handles:
            os.close(handle)


class MortalDriver:
    """A driver that carries out one command after another, and dies at the chosen point."""

    def __init__(self, session: LedgerSession, filesystem: MortalDisk) -> None:
        self.session = session
        self.filesystem = filesystem
        self.events: list[object] = []
        self.records = 0

    def now(self) -> Now:
        return Now(datetime(2026, 12, 1, tzinfo=UTC), 0.0)

    def start(self, command: Command) -> None:
        self.events.append(command)

    def wait(self, machine: Machine) -> None:
        command = self.events.pop(0)
        match command:
            case Record():
                self.records += 1
                self.filesystem.at(f"record {self.records}")
                self.session.append(command.entries)
                self.filesystem.at(f"recorded {self.records}")
                machine.on_recorded()
            case Post():
                self.filesystem.at("post")
                accepted = Outcome(Verdict.SENT, OutcomeReason.ACCEPTED, job_id=7, transaction_id="t")
                self.filesystem.at("accepted")
                machine.on_answer(command.key, accepted, self.now())


DIES_AT = {
    "before the plan is approved": "approve",
    "while the intent is written": "write 1",
    "after the intent, before the POST": "recorded 1",
    "during the POST, not accepted": "post",
    "during the POST, accepted": "accepted",
    "after the answer, before it is written": "record 2",
    "while the outcome is written": "write 2",
    "after the outcome": "recorded 2",
    "while the lockfile is replaced": "replace",
    "before the journal is removed": "remove",
}


def table() -> list[tuple[str, str, str, str]]:
    section = PAGE.split("## Killed at any instant")[1].split("\n## ")[0]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in section.splitlines()]
    return [row for row in rows if len(row) == 4 and not re.fullmatch(r"-+|killed", row[0])]  # type: ignore[misc]


def state_after(directory: Path, endpoint: Endpoint, dies_at: str) -> LedgerState:
    """Run an apply of one request that dies; return the ledger that it leaves."""
    spec = Spec(ADDRESS, endpoint)
    send, facts = send_of(spec), facts_of(spec)
    planned = PlannedSend(Sign.SEND, PlanReason.NEW, send, facts, batches=(1,))
    plan = Plan("sandbox", "sandbox", (planned,), (), "digest", NOW)
    filesystem = MortalDisk(dies_at)
    ledger = FileLedger(directory, "sandbox", "sandbox", filesystem)

    def perform(machine: Machine, session: LedgerSession, _plan: Plan) -> None:
        drive(machine, MortalDriver(session, filesystem))

    with pytest.raises(Killed):
        apply(ledger, lambda _state: plan, lambda _plan: filesystem.at("approve"), perform, concurrency=1)
    filesystem.end()
    return FileLedger(directory, "sandbox", "sandbox").read()


def test_the_diagram_is_the_table_of_transitions() -> None:
    """The Mermaid diagram of the page is generated from the transitions of the code."""
    assert f"```mermaid\n{diagram()}\n```" in PAGE


def test_the_page_and_the_kill_points_are_the_same_list() -> None:
    """The rows of the table are the points at which this module kills a run, in the same order."""
    assert [row[0] for row in table()] == list(DIES_AT)


@pytest.mark.parametrize("row", table(), ids=lambda row: row[0])
def test_a_run_killed_there_leaves_what_the_page_says(row: tuple[str, str, str, str], tmp_path: Path) -> None:
    """The ledger after the kill, and the next run, are as the row of the table says."""
    point, durable, immediate, contact_source = row
    for endpoint in Endpoint:
        (tmp_path / endpoint.value).mkdir()
        state = state_after(tmp_path / endpoint.value, endpoint, DIES_AT[point])
        record = state.sends.get(ADDRESS)
        assert (record.requests[0].state.value if record else "nothing") == durable
        spec = Spec(ADDRESS, endpoint)
        send_state = compare(send_of(spec), facts_of(spec), record).state
        assert NEXT[send_state] == (contact_source if endpoint is Endpoint.CONTACT_SOURCE else immediate)
