"""`sendspec plan`: a dry run of apply."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.github_step import write_step_outputs, write_step_summary
from sendspec.cli._lib.outputs import Output, choose_outputs, write_failures, write_outputs
from sendspec.cli._lib.personal_outputs import check_personal
from sendspec.cli._lib.planning import make_plan
from sendspec.cli._lib.repository_paths import relocate
from sendspec.cli._lib.screen import stream_screen
from sendspec.errors import ExitCode, SendspecError, SpecError, Usage
from sendspec.report.formats import PLAN_FORMAT_NAMES, View, failure_texts, plan_texts
from sendspec.report.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sendspec.model import Plan
    from sendspec.report.plan_failure import PlanFailure
    from sendspec.selection import Selection


@click.command("plan")
@options.directory_argument
@options.target_option
@options.send_option
@options.format_option(*PLAN_FORMAT_NAMES)
@options.output_option
@click.option(
    "--save", "plan_file", metavar="FILE", help="Also save the plan to FILE, for `sendspec apply FILE`."
)
@click.option(
    "--full", is_flag=True, help="Also show all properties, examples of each text, and settled sends."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if the plan has something to send.")
@click.option(
    "--online",
    is_flag=True,
    help="Also read the vendor's lists of SMS programs and published messages, with the credentials.",
)
@click.option(
    "--show-pii",
    is_flag=True,
    help="Show real values of recipients in example texts; only on a terminal or in a private file.",
)
@options.contacts_directory_option
@click.option(
    "--require-lists",
    "lists_required",
    is_flag=True,
    help="An absent list of a send that is due is an error: exit 3 where apply would.",
)
@options.against_option
def command(  # noqa: PLR0913 - one parameter an option
    *,
    directory: str,
    target_name: str,
    selection: Selection,
    outputs: tuple[Output, ...],
    output: str | None,
    plan_file: str | None,
    full: bool,
    detailed_exitcode: bool,
    online: bool,
    show_pii: bool,
    contacts_directory: str | None,
    lists_required: bool,
    against: str | None,
) -> int:
    """Show what apply would send, to how many recipients, and when.

    Does not write to the ledger, and does not call the API unless --online is given. Even then it sends
    nothing.

    Synonym: diff.
    """
    from sendspec.plan import blocks, sends_without_list, with_required_lists

    if plan_file == "-":
        raise Usage("--save needs the name of a file", hint="use `--format json` to print the plan")
    console = Console()
    outputs = choose_outputs(outputs, output, other_files=[plan_file])
    if show_pii:
        check_personal(outputs, plan_file)
    with (
        _summarized_failures(console, outputs, target_name, directory),
        write_failures(outputs, lambda error: failure_texts(_failure(error, target_name), directory)),
    ):
        plan = make_plan(
            console,
            directory,
            target_name,
            selection,
            online=online,
            against=against,
            real_values=show_pii,
            contacts_directory=contacts_directory,
        )
    if lists_required:
        plan = with_required_lists(plan)
    if plan_file is not None:
        from sendspec.plan_file import plan_file_json, relative_directory

        console.write_data(plan_file_json(plan, relative_directory(plan_file, directory)), plan_file)
    is_shown = Output("text") in outputs
    screen = stream_screen(sys.stdout) if is_shown else Screen()
    view = View(full, screen, directory, show_values=show_pii)
    write_outputs(console, outputs, plan_texts(plan, view, relocate), private=show_pii)
    write_step_outputs(outputs, lambda: _step_outputs(plan))
    write_step_summary(console, outputs, lambda budget: _step_summary(plan, directory, budget, full=full))
    if any(blocks(finding) for finding in plan.findings):
        return ExitCode.FINDINGS
    # A run that skips apply because of the exit code must not skip a send whose list is only not here.
    changes = bool(plan.to_send or sends_without_list(plan))
    return ExitCode.CHANGES if detailed_exitcode and changes else ExitCode.OK


def _step_outputs(plan: Plan) -> Mapping[str, str]:
    from sendspec.report.github import plan_outputs

    return plan_outputs(plan, relocate(plan.findings))


def _step_summary(plan: Plan, directory: str, budget: int, *, full: bool) -> str:
    from sendspec.report.comment import plan_markdown

    return plan_markdown(plan, directory, budget=budget, full=full)


@contextmanager
def _summarized_failures(
    console: Console, outputs: Sequence[Output], target: str, directory: str
) -> Iterator[None]:
    """Write why the block could not make a plan to the summary of the step, which has no other text then."""
    try:
        yield
    except SendspecError as error:
        from sendspec.report.comment import failure_markdown

        failure = _failure(error, target)
        write_step_summary(
            console, outputs, lambda budget: failure_markdown(failure, directory, budget=budget)
        )
        raise


def _failure(error: SendspecError, target: str) -> PlanFailure:
    """Return why a plan cannot be made, masked."""
    from sendspec.redact import Redactor
    from sendspec.report.findings_json import problem_findings
    from sendspec.report.plan_failure import PlanFailure

    mask = Redactor()
    findings = problem_findings(error.problems) if isinstance(error, SpecError) else ()
    return PlanFailure(target, findings, mask(str(error)), error.hint and mask(error.hint))
