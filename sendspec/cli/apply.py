"""`sendspec apply`: send what the plan says, at most once."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sendspec.cli import options
from sendspec.cli.console import Console
from sendspec.cli.progress import progress
from sendspec.cli.project import connect, ledger_of, open_project
from sendspec.errors import Blocked, ExitCode, SendspecError

if TYPE_CHECKING:
    from sendspec.apply import Receipt
    from sendspec.ledger import LedgerSession
    from sendspec.model import LedgerState, Plan
    from sendspec.protocol import Machine


@click.command("apply")
@options.directory
@options.target
@click.option("--auto-approve", is_flag=True, help="Do not ask; CI=true has the same effect.")
@click.option("--receipt", "receipt_file", metavar="FILE", help="Write what was done as JSON, failed or not.")
def command(directory: str, target_name: str, *, auto_approve: bool, receipt_file: str | None) -> int:
    """Send what plan shows; never the same request twice."""
    console = Console()
    receipt: Receipt | None = None
    error: SendspecError | None = None
    try:
        receipt = _apply(console, directory, target_name, auto_approve=auto_approve)
        code = receipt.exit_code
        _tell_end(console, receipt)
    except SendspecError as failure:
        error, code = failure, failure.exit_code
    if receipt_file is not None:
        from sendspec.report.json import receipt_json  # noqa: PLC0415 - not needed for help

        console.data(receipt_json(target_name, receipt, error, code), receipt_file)
    if error is not None:
        raise error
    return code


def _apply(console: Console, directory: str, target_name: str, *, auto_approve: bool) -> Receipt:
    from sendspec.apply import apply, drive  # noqa: PLC0415 - heavy, and not needed for help
    from sendspec.plan import plan_project  # noqa: PLC0415 - as above
    from sendspec.world import Bodies, Threads  # noqa: PLC0415 - as above

    project, target = open_project(directory, target_name)

    def make_plan(state: LedgerState) -> Plan:
        return plan_project(project, target, state, datetime.now(UTC))

    with ExitStack() as stack:
        watch = stack.enter_context(progress(console))

        def approve(plan: Plan) -> None:
            _approve(console, plan, asks=not auto_approve and not os.environ.get("CI"))
            watch.begin(sum(len(action.batches) for action in plan.actions))

        def perform(machine: Machine, session: LedgerSession, plan: Plan) -> None:
            with (
                connect(project, target) as poster,
                Threads(session, poster, Bodies(plan), watch.tell, target.concurrency) as world,
            ):
                drive(machine, world)

        return apply(ledger_of(project, target), make_plan, approve, perform, concurrency=target.concurrency)


def _approve(console: Console, plan: Plan, *, asks: bool) -> None:
    from sendspec.plan import refusing  # noqa: PLC0415 - heavy, and not needed for help
    from sendspec.report.text import plan_text  # noqa: PLC0415 - as above
    from sendspec.report.words import counted  # noqa: PLC0415 - as above

    console.data(plan_text(plan))
    errors = refusing(plan)
    if errors:
        raise Blocked(
            f"{counted(len(errors), 'error')} against this plan: nothing was sent",
            hint="mend what the findings above say, or except a send with `allow` and a reason",
        )
    if not asks or not any(action.batches for action in plan.actions):
        return
    if not sys.stdin.isatty():
        raise SendspecError(
            "nobody is there to approve the plan: nothing was sent",
            hint="run it on a terminal, or with --auto-approve once the plan was reviewed",
        )
    answer = click.prompt("Send this? Only 'yes' is taken as yes", default="", show_default=False, err=True)
    if answer != "yes":
        raise SendspecError("not approved: nothing was sent")


def _tell_end(console: Console, receipt: Receipt) -> None:
    from sendspec.model import RequestState  # noqa: PLC0415 - not needed for help
    from sendspec.report.words import counted  # noqa: PLC0415 - as above

    for error in receipt.errors:
        console.failure(error)
    states = [result.state for result in receipt.results]
    if receipt.exit_code is ExitCode.OK and not states:
        console.say("Nothing to send: everything was already sent or is not due.")
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
