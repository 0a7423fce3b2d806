"""An apply whose clocks another process can move: `python -m … PROJECT CLOCKFILE`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.acoustic import Client, Credentials
from sendspec.apply import apply, drive
from sendspec.audience import ContactStore
from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.driver import BodySource, Signals, ThreadDriver
from sendspec.plan import plan_project
from tests.clocks import MovedClock
from tests.processes.truth import TARGET

if TYPE_CHECKING:
    from sendspec.ledger import LedgerSession
    from sendspec.model import LedgerState, Plan
    from sendspec.protocol import Machine


def main(directory: str, clock_file: str) -> int:
    """Apply a project with the moved clocks; return the exit code."""
    project, target = open_project(directory, TARGET[1])
    clock = MovedClock(Path(clock_file))
    credentials = Credentials.from_environment(os.environ)
    with Signals() as signals, ContactStore() as store:

        def make_plan(state: LedgerState) -> Plan:
            return plan_project(project, target, state, clock.wall(), store=store)

        def perform(machine: Machine, session: LedgerSession, plan: Plan) -> None:
            with (
                Client(str(target.base_url), credentials, clock=clock) as client,
                ThreadDriver(
                    session,
                    client,
                    BodySource(plan, store),
                    signals=signals,
                    stopping=lambda: None,
                    concurrency=target.concurrency,
                    clock=clock,
                ) as driver,
            ):
                drive(machine, driver)

        ledger = ledger_for(project, target)
        return apply(ledger, make_plan, lambda _: None, perform, concurrency=target.concurrency).exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
