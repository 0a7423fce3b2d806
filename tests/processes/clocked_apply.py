"""An apply whose clocks another process can move: `python -m … PROJECT CLOCKFILE`.

It prints a line as soon as a request waits before it is repeated.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.acoustic import Client, Credentials
from sendspec.apply import apply, drive
from sendspec.audience import ContactStore
from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.driver import BodySource, Signals, ThreadDriver
from sendspec.plan import plan_project
from sendspec.protocol import DelayObserver
from sendspec.repeat_window import repeat_pause_seconds
from tests.clocks import MovedClock
from tests.processes.runs import CREDENTIALS, clean_environment
from tests.processes.truth import TARGET

if TYPE_CHECKING:
    from sendspec.ledger import LedgerSession
    from sendspec.model import LedgerState, Plan
    from sendspec.protocol import Machine

_ROOT = Path(__file__).resolve().parents[2]


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
                drive(machine, driver, (DelayObserver(lambda delay: print(delay.key, flush=True)),))

        ledger = ledger_for(project, target)
        receipt = apply(
            ledger,
            make_plan,
            lambda _: None,
            perform,
            concurrency=target.concurrency,
            repeat_pause=repeat_pause_seconds(target),
        )
        return receipt.exit_code


def started(directory: Path, clock: Path) -> subprocess.Popen[bytes]:
    """Start an apply of a project whose clocks `clock` moves; its standard output is a pipe."""
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(_ROOT))))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.processes.clocked_apply", directory, clock],
        # Without the working directory in its path, it imports the package that this process imports.
        env=clean_environment(**CREDENTIALS, PYTHONPATH=path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
