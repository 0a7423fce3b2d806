"""`sendspec apply`: at-most-once sending of a plan."""

from __future__ import annotations

import re
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.approval import Approval
from sendspec.cli._lib.ci import in_ci
from sendspec.cli._lib.completion import complete_file
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import open_project, reject_file
from sendspec.cli._lib.outputs import Output, check_receipts
from sendspec.cli._lib.receipt import ApplyResult, Receipts
from sendspec.cli._lib.sending_run import SendingRun
from sendspec.errors import InternalError, SendspecError, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sendspec.apply import Receipt
    from sendspec.plan_file import PlanFile
    from sendspec.selection import Selection

_DIGEST: Final = re.compile(r"scrypt:[0-9a-f]{64}")
"""The digest of a plan: `stretched_digest`."""


class _Apply(click.Command):
    """A command that also writes its receipts if an option is wrong, because nothing was sent then."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; of a usage error, write the receipts that the eager options name."""
        try:
            return super().parse_args(ctx, args)
        except Usage as error:
            if not ctx.resilient_parsing:
                _write_usage_error(ctx.params, error)
            raise


def _write_usage_error(parameters: Mapping[str, Any], error: Usage) -> None:
    """Write a usage error to the receipts, as far as their options are known and their files writable."""
    console = Console()
    result = ApplyResult(parameters.get("target_name") or "sandbox", error=error, sent_nothing=True)
    with suppress(SendspecError):
        outputs = _receipt_outputs(parameters.get("receipt_name"), parameters.get("outputs") or ())
        Receipts(outputs).write(console, result)


@click.command("apply", cls=_Apply)
@click.argument(
    "directory",
    metavar="[DIR | PLANFILE]",
    required=False,
    callback=options.choose_directory,
    shell_complete=complete_file,
)
@click.option(
    "--target",
    "target_name",
    is_eager=True,
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
@click.option(
    "--expect",
    "expected_digest",
    metavar="DIGEST",
    callback=lambda _context, _parameter, digest: _check_digest_form(digest),
    help="Send nothing unless the plan has this digest, which plan prints.",
)
@options.contacts_directory_option
@click.option("--auto-approve", is_flag=True, help="Do not ask for approval; CI has the same effect.")
@click.option(
    "--receipt",
    "receipt_name",
    is_eager=True,
    metavar="FILE",
    help="Write the result as JSON, even after an error; with -, the plan goes to standard error.",
)
@options.format_option("text", "json", "markdown", is_eager=True)
def command(  # noqa: PLR0913 - one parameter an option
    directory: str,
    target_name: str | None,
    *,
    moved_directory: str | None,
    selection: Selection,
    expected_digest: str | None,
    contacts_directory: str | None,
    auto_approve: bool,
    receipt_name: str | None,
    outputs: tuple[Output, ...],
) -> int:
    """Send what plan shows, and never send a request twice.

    A PLANFILE, which `plan --save` writes, is applied only if it is exactly what would be sent now. So is
    a plan without a file, if --expect has its digest. The formats other than text are those of the
    receipt, as with --receipt.

    Synonym: send.
    """
    from sendspec.driver import Signals

    console = Console()
    outputs = _receipt_outputs(receipt_name, outputs)
    with Signals() as signals:
        receipts = Receipts(outputs)
        result = ApplyResult(target_name or "sandbox")
        with _recorded(result):
            try:
                plan_file = _read_plan_file(directory, target_name, moved_directory)
                if plan_file is not None:
                    result.target = plan_file.target
                    selection = _saved_selection(plan_file, selection)
                project_directory = _project_directory(directory, plan_file, moved_directory)
                result.directory = project_directory
                project, target = open_project(
                    project_directory, result.target, selection, contacts_directory
                )
                approval = Approval(
                    console,
                    signals,
                    plan_file,
                    target,
                    expected_digest=expected_digest,
                    approved_in_advance=auto_approve or in_ci(),
                    plan_to_stderr=receipts.use_stdout,
                )
                with SendingRun(console, project, target, selection, signals) as run:
                    try:
                        result.receipt = run.apply(approval)
                    finally:
                        result.plan_digest = approval.digest
                    result.receipt = run.finish(result.receipt)
                _print_summary(console, result.receipt)
            finally:
                # Only reporting is left, and a signal must not interrupt that.
                signals.ignore()
        if result.error is not None:
            console.report_error(result.error)
            if result.sent_nothing:
                console.info("nothing was sent")
        return receipts.write(console, result)


@contextmanager
def _recorded(result: ApplyResult) -> Iterator[None]:
    """Record the error that ends a run in its result, so that the receipt is written in spite of it."""
    try:
        yield
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


def _check_digest_form(digest: str | None) -> str | None:
    """Return a digest unchanged.

    Raises:
        Usage: it is not one, such as the empty text of an unset variable.
    """
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise Usage("--expect needs the digest of a plan", hint="use the whole digest that plan prints")
    return digest


def _receipt_outputs(receipt_name: str | None, outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Return the outputs of the receipt; text is what apply prints anyway.

    Raises:
        Usage: two receipts have the same format or place.
    """
    receipts = [output for output in outputs if output.format != "text"]
    if receipt_name is not None:
        receipts.append(Output("json", None if receipt_name == "-" else receipt_name))
    check_receipts(receipts)
    return tuple(receipts)


def _read_plan_file(argument: str, target_name: str | None, moved_directory: str | None) -> PlanFile | None:
    """Return the plan file that the argument names, or None if the argument is a directory.

    With `--dir`, or by the name of a plan, it must be a file: a lost plan must not become another plan.
    """
    path = Path(argument)
    if not path.is_file():
        if moved_directory is not None or path.suffix == ".json":
            _reject_plan_file(path)
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


def _reject_plan_file(path: Path) -> NoReturn:
    """Raise an error for something else in place of a plan file."""
    hint = "name the file that `plan --save FILE` wrote"
    if path.is_dir():
        raise Usage(f"{path} is a directory; expected a saved plan", hint=hint)
    if path.exists():
        raise Usage(f"{path} is not a regular file; expected a saved plan", hint=hint)
    raise SendspecError(f"the saved plan {path} does not exist", hint=hint)


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
        return argument
    return plan_file.find_project() if moved_directory is None else moved_directory


def _print_summary(console: Console, receipt: Receipt) -> None:
    from sendspec.report.run_review import LEFT_OUT_MAX, more_left_out
    from sendspec.report.run_text import run_lines

    for error in receipt.errors:
        if isinstance(error, InternalError) and error.__cause__ is not None:
            with suppress(OSError):
                traceback.print_exception(error.__cause__)
        console.report_error(error)
    for error in receipt.left_out[:LEFT_OUT_MAX]:
        console.report_error(error)
    if (more := len(receipt.left_out) - LEFT_OUT_MAX) > 0:
        console.info(more_left_out(more))
    for line in run_lines(receipt):
        console.info(line)
