"""`sendspec apply`: at-most-once sending of a plan."""

from __future__ import annotations

import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.approval import Approval
from sendspec.cli._lib.ci import in_ci
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import open_project, reject_file
from sendspec.cli._lib.receipt import ApplyResult, ReceiptFile
from sendspec.cli._lib.sending_run import SendingRun
from sendspec.errors import ExitCode, InternalError, SendspecError, Usage

if TYPE_CHECKING:
    from sendspec.apply import Receipt
    from sendspec.plan_file import PlanFile
    from sendspec.selection import Selection


@click.command("apply")
@click.argument("directory", metavar="[DIR | PLANFILE]", required=False, callback=options.choose_directory)
@click.option(
    "--target",
    "target_name",
    metavar="NAME",
    help="Target to use; without it, that of PLANFILE or the local sandbox.",
)
@click.option(
    "--dir",
    "moved_directory",
    metavar="DIR",
    callback=options.reject_empty_name,
    help="With PLANFILE: its project directory, if one of the two was moved.",
)
@options.send_option
@click.option("--auto-approve", is_flag=True, help="Do not ask for approval; CI has the same effect.")
@click.option(
    "--receipt",
    "receipt_name",
    metavar="FILE",
    help="Write the result as JSON, even after an error; with -, the plan goes to standard error.",
)
def command(  # noqa: PLR0913 - one parameter an option
    directory: str,
    target_name: str | None,
    *,
    moved_directory: str | None,
    selection: Selection,
    auto_approve: bool,
    receipt_name: str | None,
) -> int:
    """Send what plan shows, and never send a request twice.

    A PLANFILE, which `plan --save` writes, is applied only if it is exactly what would be sent now.
    """
    from sendspec.driver import Signals

    console = Console()
    with Signals() as signals:
        receipt_file = ReceiptFile(receipt_name)
        result = ApplyResult(target_name or "sandbox")
        try:
            try:
                plan_file = _read_plan_file(directory, target_name)
                if plan_file is not None:
                    result.target = plan_file.target
                    selection = _saved_selection(plan_file, selection)
                project_directory = _project_directory(directory, plan_file, moved_directory)
                project, target = open_project(project_directory, result.target, selection)
                approval = Approval(
                    console,
                    signals,
                    plan_file,
                    target,
                    approved_in_advance=auto_approve or in_ci(),
                    plan_to_stderr=receipt_file.is_stdout,
                )
                with SendingRun(console, project, target, selection, signals) as run:
                    result.receipt = run.apply(approval)
                    result.receipt = run.finish(result.receipt)
                _print_summary(console, result.receipt)
            finally:
                # Only reporting is left, and a signal must not interrupt that.
                signals.ignore()
        except SendspecError as error:
            result.error, result.sent_nothing = error, result.receipt is None
        except KeyboardInterrupt:
            result.error, result.sent_nothing = SendspecError("interrupted"), result.receipt is None
        except Exception as bug:  # noqa: BLE001 - a bug must not hide the outcome of the sends
            with suppress(OSError):
                traceback.print_exc()
            result.error = SendspecError(
                f"internal error: {type(bug).__name__}: {bug}; requests may have been sent",
                hint="run `sendspec plan` to see what was sent, and report the traceback above",
            )
        if result.error is not None:
            console.report_error(result.error)
            if result.sent_nothing:
                console.info("nothing was sent")
        return receipt_file.write(console, result)


def _read_plan_file(argument: str, target_name: str | None) -> PlanFile | None:
    """Return the plan file that the argument names, or None if the argument is a directory."""
    path = Path(argument)
    if not path.is_file():
        return None
    if path.suffix.lower() in (".yaml", ".yml"):
        reject_file(argument)
    from sendspec.plan_file import read_plan_file

    plan_file = read_plan_file(path)
    if target_name not in (None, plan_file.target):
        raise Usage(
            f"the saved plan is for target '{plan_file.target}', not '{target_name}'",
            hint="omit --target, or save a plan for that target",
        )
    return plan_file


def _saved_selection(plan_file: PlanFile, selection: Selection) -> Selection:
    """Return the selection of a saved plan; raise Usage if the command line has one too."""
    if selection.is_partial:
        raise Usage(
            "--send cannot be combined with a saved plan, which has its own selection",
            hint="omit --send, or save a plan with `plan --send GLOB --save FILE`",
        )
    return plan_file.selection


def _project_directory(argument: str, plan_file: PlanFile | None, moved_directory: str | None) -> str:
    if plan_file is None:
        if moved_directory is not None:
            raise Usage("--dir works only with a saved plan", hint="name the project directory without --dir")
        return argument
    return plan_file.find_project() if moved_directory is None else moved_directory


def _print_summary(console: Console, receipt: Receipt) -> None:
    from sendspec.formatting import pluralize
    from sendspec.model import RequestState, Sign
    from sendspec.report.text import cut_off_lines

    for error in receipt.errors:
        if isinstance(error, InternalError) and error.__cause__ is not None:
            with suppress(OSError):
                traceback.print_exception(error.__cause__)
        console.report_error(error)
    for name in receipt.changed_lists:
        console.info(
            f"warning: {name} changed after this plan was made; sendspec sent the contacts of the plan\n"
            "  hint: run `sendspec plan` to see the difference"
        )
    if moved := len(receipt.plan.moves):
        console.info(f"{pluralize(moved, 'former address', 'former addresses')} recorded in the ledger")
    states = [result.state for result in receipt.results]
    if receipt.exit_code in (ExitCode.OK, ExitCode.FINDINGS) and not states:
        all_sent = all(action.sign in (Sign.DONE, Sign.REMOVED) for action in receipt.plan.actions)
        scope = "the selection" if receipt.plan.selection else "everything"
        console.info(f"Nothing to send: {scope} was already sent{'' if all_sent else ' or is not due'}.")
        _print_waiting(console, receipt)
        return
    sent, not_sent, unknown = (
        states.count(state) for state in (RequestState.SENT, RequestState.NOT_SENT, RequestState.UNKNOWN)
    )
    unrecorded = sum(not result.recorded for result in receipt.results)
    summary = f"{pluralize(sent, 'request')} sent, {not_sent:,} not sent, {unknown:,} unknown"
    if unrecorded:
        summary += f", {pluralize(unrecorded, 'outcome')} not in the ledger"
    if receipt.held_back:
        summary += f", {len(receipt.held_back):,} not started"
    console.info(summary)
    _print_waiting(console, receipt)
    for line in cut_off_lines(receipt.plan, receipt.cut_off):
        console.info(line)
    if receipt.exit_code is ExitCode.UNKNOWN:
        console.info("  hint: resolve each unknown request; `sendspec plan` prints the commands")


def _print_waiting(console: Console, receipt: Receipt) -> None:
    """Print which sends wait for their `notBefore`; this apply and earlier ones sent nothing of them."""
    from sendspec.report.text import waiting_lines

    for line in waiting_lines(receipt.plan):
        console.info(line)
