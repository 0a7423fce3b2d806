"""`sendspec apply`: send what the plan says, at most once."""

from __future__ import annotations

import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.approval import Approval
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.progress import progress
from sendspec.cli._lib.project import connect, in_ci, ledger_of, open_project, refuse_file
from sendspec.cli._lib.receipt import Ending, ReceiptFile
from sendspec.cli._lib.spool import Spool
from sendspec.errors import ExitCode, SendspecError, Usage

if TYPE_CHECKING:
    from sendspec.apply import Receipt
    from sendspec.driver import Signals
    from sendspec.ledger import LedgerSession
    from sendspec.model import LedgerState, Plan, Project, Target
    from sendspec.plan_file import PlanFile
    from sendspec.protocol import Machine

_STOPPING: Final = (
    "stopping: waiting for what is in flight; a second signal stops at once and leaves it unknown"
)


@click.command("apply")
@click.argument("directory", metavar="[DIR | PLANFILE]", default="specs", callback=options.named)
@click.option(
    "--target",
    "target_name",
    metavar="NAME",
    help="Where it goes; a saved plan names its own.  [default: sandbox]",
)
@click.option(
    "--dir",
    "moved_to",
    metavar="DIR",
    callback=options.named,
    help="With PLANFILE: where its project directory is by now.",
)
@click.option("--auto-approve", is_flag=True, help="Do not ask; CI=true has the same effect.")
@click.option(
    "--receipt",
    "receipt_name",
    metavar="FILE",
    help="Write what was done as JSON, failed or not; with - the plan goes to standard error.",
)
def command(
    directory: str,
    target_name: str | None,
    *,
    moved_to: str | None,
    auto_approve: bool,
    receipt_name: str | None,
) -> int:
    """Send what plan shows; never the same request twice.

    A PLANFILE that `plan --out` saved is applied only if it is exactly what would be sent now.
    """
    from sendspec.driver import Signals

    console = Console()
    with Signals() as signals:
        receipt_file = ReceiptFile(receipt_name)
        ending = Ending(target_name or "sandbox")
        try:
            try:
                saved = _saved(directory, target_name)
                if saved is not None:
                    ending.target = saved.target
                project, target = open_project(_project_of(directory, saved, moved_to), ending.target)
                given = auto_approve or in_ci()
                approval = Approval(console, signals, saved, given=given, aside=receipt_file.is_stdout)
                _apply(console, project, target, approval, signals=signals, ending=ending)
            finally:
                # All that is left is to say how it ended, which no signal may cut short.
                signals.ignore()
        except SendspecError as error:
            ending.error = error
        except KeyboardInterrupt:
            ending.error = SendspecError("interrupted before anything was begun")
        except Exception as bug:  # noqa: BLE001 - it may not hide what became of the sends
            with suppress(OSError):
                traceback.print_exc()
            ending.error = SendspecError(f"unexpected {type(bug).__name__}: {bug}")
        if ending.error is not None:
            console.failure(ending.error)
        return receipt_file.write(console, ending)


def _saved(argument: str, target_name: str | None) -> PlanFile | None:
    path = Path(argument)
    if not path.is_file():
        return None
    if path.suffix.lower() in (".yaml", ".yml"):
        refuse_file(argument)
    from sendspec.plan_file import read_plan_file

    saved = read_plan_file(path)
    if target_name not in (None, saved.target):
        raise Usage(f"the saved plan is for target '{saved.target}', not '{target_name}'")
    return saved


def _project_of(argument: str, saved: PlanFile | None, moved_to: str | None) -> str:
    if saved is None:
        if moved_to is not None:
            raise Usage("--dir goes with a saved plan", hint="without one, name the directory by itself")
        return argument
    return saved.find_project() if moved_to is None else moved_to


def _apply(  # noqa: PLR0913 - what the run works on and with
    console: Console,
    project: Project,
    target: Target,
    approval: Approval,
    *,
    signals: Signals,
    ending: Ending,
) -> None:
    from sendspec.apply import apply, drive
    from sendspec.driver import BodySource, ThreadDriver
    from sendspec.plan import plan_project
    from sendspec.protocol import SettledObserver

    spool = Spool(project, target, console)

    def make_plan(state: LedgerState) -> Plan:
        spool.begin(state)
        return plan_project(project, target, state, datetime.now(UTC))

    def perform(machine: Machine, session: LedgerSession, plan: Plan) -> None:
        total = sum(len(planned.batches) for planned in plan.due)
        with connect(project, target) as client, progress(console, total) as watch:
            bodies = BodySource(plan)
            spooled = SettledObserver(lambda result: spool.leave(session.run, result))
            with ThreadDriver(
                session,
                client,
                bodies,
                signals=signals,
                stopping=lambda: console.say(_STOPPING),
                concurrency=target.concurrency,
            ) as driver:
                drive(machine, driver, (bodies, spooled, SettledObserver(watch.tell)))

    ledger = ledger_of(project, target)
    ending.receipt = apply(ledger, make_plan, approval, perform, concurrency=target.concurrency)
    spool.end(ending.receipt)
    _tell_end(console, ending.receipt)


def _tell_end(console: Console, receipt: Receipt) -> None:
    from sendspec.formatting import pluralize
    from sendspec.model import RequestState, Sign

    for error in receipt.errors:
        console.failure(error)
    states = [result.state for result in receipt.results]
    if receipt.exit_code is ExitCode.OK and not states:
        done = all(action.sign in (Sign.DONE, Sign.REMOVED) for action in receipt.plan.actions)
        console.say(f"Nothing to send: everything was already sent{'' if done else ' or is not due'}.")
        return
    sent, unsent, unknown = (
        states.count(state) for state in (RequestState.SENT, RequestState.NOT_SENT, RequestState.UNKNOWN)
    )
    held = f", {len(receipt.held_back):,} not begun" if receipt.held_back else ""
    lost = sum(not result.recorded for result in receipt.results)
    unrecorded = f", {lost:,} of them not in the ledger" if lost else ""
    console.say(
        f"{pluralize(sent, 'request')} sent, {unsent:,} not sent, {unknown:,} unknown{unrecorded}{held}"
    )
    if receipt.exit_code is ExitCode.UNKNOWN:
        console.say(
            "  hint: settle what is unknown with `sendspec resolve`; `sendspec plan` has the exact commands"
        )
