"""`sendspec apply`: send what the plan says, at most once."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sendspec.cli.console import Console
from sendspec.cli.progress import progress
from sendspec.cli.project import connect, ledger_of, open_project
from sendspec.cli.question import ask
from sendspec.cli.trail import Trail
from sendspec.errors import Blocked, ExitCode, SendspecError, Usage

if TYPE_CHECKING:
    from sendspec.apply import Receipt
    from sendspec.ledger import LedgerSession
    from sendspec.model import LedgerState, Plan
    from sendspec.protocol import Machine, Result
    from sendspec.saved import SavedPlan

_STOPPING: Final = (
    "stopping: waiting for what is in flight; a second signal stops at once and leaves it unknown"
)


@click.command("apply")
@click.argument("directory", metavar="[DIR | PLANFILE]", default="specs")
@click.option(
    "--target",
    "target_name",
    metavar="NAME",
    help="Where it goes; a saved plan names its own.  [default: sandbox]",
)
@click.option("--auto-approve", is_flag=True, help="Do not ask; CI=true has the same effect.")
@click.option("--receipt", "receipt_file", metavar="FILE", help="Write what was done as JSON, failed or not.")
def command(directory: str, target_name: str | None, *, auto_approve: bool, receipt_file: str | None) -> int:
    """Send what plan shows; never the same request twice.

    A PLANFILE that `plan --out` saved is applied only if it is exactly what would be sent now.
    """
    console = Console()
    receipt: Receipt | None = None
    error: SendspecError | None = None
    try:
        saved = _saved(directory, target_name)
        directory, target_name = (
            (saved.directory, saved.target) if saved else (directory, target_name or "sandbox")
        )
        receipt = _apply(console, directory, target_name, saved, auto_approve=auto_approve)
        code = receipt.exit_code
        _tell_end(console, receipt)
    except SendspecError as failure:
        error, code = failure, failure.exit_code
    if receipt_file is not None:
        from sendspec.report.json import receipt_json  # noqa: PLC0415 - not needed for help

        try:
            console.data(receipt_json(target_name or "sandbox", receipt, error, code), receipt_file)
        except SendspecError as failure:
            # What became of the sends weighs more than what could be written of it.
            console.failure(failure)
            code = code or failure.exit_code
    if error is not None:
        raise error
    return code


def _saved(argument: str, target_name: str | None) -> SavedPlan | None:
    if not Path(argument).is_file():
        return None
    from sendspec.saved import read_saved  # noqa: PLC0415 - heavy, and not needed for help

    saved = read_saved(Path(argument))
    if target_name not in (None, saved.target):
        raise Usage(f"the saved plan is for target '{saved.target}', not '{target_name}'")
    return saved


def _apply(
    console: Console, directory: str, target_name: str, saved: SavedPlan | None, *, auto_approve: bool
) -> Receipt:
    from sendspec.apply import apply, drive  # noqa: PLC0415 - heavy, and not needed for help
    from sendspec.plan import plan_project  # noqa: PLC0415 - as above
    from sendspec.report.text import plan_text  # noqa: PLC0415 - as above
    from sendspec.saved import check_saved  # noqa: PLC0415 - as above
    from sendspec.world import Bodies, Signals, Threads  # noqa: PLC0415 - as above

    project, target = open_project(directory, target_name)

    def make_plan(state: LedgerState) -> Plan:
        trail.begin(state)
        return plan_project(project, target, state, datetime.now(UTC))

    trail = Trail(project, target, console)
    with progress(console) as watch, Signals() as signals:

        def approve(plan: Plan) -> None:
            console.data(plan_text(plan))
            if saved is not None:
                check_saved(saved, plan)
            _refuse(plan)
            if not auto_approve and os.environ.get("CI", "").lower() not in ("true", "1"):
                _ask(plan)
            watch.begin(sum(len(action.batches) for action in plan.actions))

        def perform(machine: Machine, session: LedgerSession, plan: Plan) -> None:
            with (
                connect(project, target) as poster,
                Threads(
                    session,
                    poster,
                    Bodies(plan),
                    tell=lambda result: tell(session.run, result),
                    signals=signals,
                    stopping=lambda: console.say(_STOPPING),
                    concurrency=target.concurrency,
                ) as world,
            ):
                drive(machine, world)

        def tell(run: str, result: Result) -> None:
            trail.leave(run, result)
            watch.tell(result)

        ledger = ledger_of(project, target)
        receipt = apply(ledger, make_plan, approve, perform, concurrency=target.concurrency)
    trail.end(receipt)
    return receipt


def _refuse(plan: Plan) -> None:
    from sendspec.plan import refusing  # noqa: PLC0415 - heavy, and not needed for help
    from sendspec.words import counted  # noqa: PLC0415 - as above

    errors = refusing(plan)
    if errors:
        raise Blocked(
            f"{counted(len(errors), 'error')} against this plan: nothing was sent",
            hint="mend what the findings above say, or except a send with `allow` and a reason",
        )


def _ask(plan: Plan) -> None:
    if not any(action.batches for action in plan.actions):
        return
    if not sys.stdin.isatty():
        raise SendspecError(
            "nobody is there to approve the plan: nothing was sent",
            hint="run it on a terminal, or with --auto-approve once the plan was reviewed",
        )
    answer = ask("Send this? Only 'yes' is taken as yes")
    if answer != "yes":
        raise SendspecError("not approved: nothing was sent")


def _tell_end(console: Console, receipt: Receipt) -> None:
    from sendspec.model import RequestState, Sign  # noqa: PLC0415 - not needed for help
    from sendspec.words import counted  # noqa: PLC0415 - as above

    for error in receipt.errors:
        console.failure(error)
    states = [result.state for result in receipt.results]
    if receipt.exit_code is ExitCode.OK and not states:
        done = all(action.sign in (Sign.DONE, Sign.GONE) for action in receipt.plan.actions)
        console.say(f"Nothing to send: everything was already sent{'' if done else ' or is not due'}.")
        return
    sent, unsent, unknown = (
        states.count(state) for state in (RequestState.SENT, RequestState.NOT_SENT, RequestState.UNKNOWN)
    )
    held = f", {len(receipt.held_back):,} not begun" if receipt.held_back else ""
    console.say(f"{counted(sent, 'request')} sent, {unsent:,} not sent, {unknown:,} unknown{held}")
    if receipt.exit_code is ExitCode.UNKNOWN:
        console.say(
            "  hint: settle what is unknown with `sendspec resolve`; `sendspec plan` has the exact commands"
        )
