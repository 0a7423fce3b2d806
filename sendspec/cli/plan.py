"""`sendspec plan`: what apply would do, and nothing done."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.project import ledger_of, open_project
from sendspec.errors import ExitCode, Usage


@click.command("plan")
@options.directory
@options.target
@options.form("text", "json")
@options.output
@click.option(
    "--out", "saved", metavar="FILE", help="Save the plan for `sendspec apply FILE`, besides printing it."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there is something to send.")
def command(  # noqa: PLR0913 - one parameter an option
    directory: str,
    target_name: str,
    form: str,
    output: str | None,
    saved: str | None,
    *,
    detailed_exitcode: bool,
) -> int:
    """Show what apply would send, to how many, and when.

    Never writes to the ledger and never calls the API.
    """
    from sendspec.plan import blocks, plan_project
    from sendspec.plan_file import directory_seen_from
    from sendspec.report.json import plan_file_json, plan_json
    from sendspec.report.text import plan_text

    if saved == "-":
        raise Usage("--out wants a FILE", hint="`--format json` prints the plan; --out saves it for apply")
    project, target = open_project(directory, target_name)
    plan = plan_project(project, target, ledger_of(project, target).read(), datetime.now(UTC))
    console = Console()
    if saved is not None:
        console.data(plan_file_json(plan, directory_seen_from(saved, directory)), saved)
    console.data(plan_json(plan) if form == "json" else plan_text(plan), output)
    if any(blocks(finding) for finding in plan.findings):
        return ExitCode.FINDINGS
    changes = bool(plan.due)
    return ExitCode.CHANGES if detailed_exitcode and changes else ExitCode.OK
