"""`sendspec validate`: schema and rules, offline."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from sendspec.cli import options
from sendspec.cli.console import Console
from sendspec.cli.project import open_project
from sendspec.errors import ExitCode
from sendspec.words import counted


@click.command("validate")
@options.directory
@options.target
@options.form("text", "json")
@options.output
def command(directory: str, target_name: str, form: str, output: str | None) -> int:
    """Check specs and contact files, without ledger or network."""
    from sendspec.plan import plan_project, refusing  # noqa: PLC0415 - heavy, and not needed for help
    from sendspec.report import text  # noqa: PLC0415 - as above
    from sendspec.report.json import findings_json  # noqa: PLC0415 - as above

    project, target = open_project(directory, target_name)
    plan = plan_project(project, target, None, datetime.now(UTC))
    console = Console()
    if form == "json":
        console.data(findings_json(plan.findings), output)
    elif plan.findings:
        console.data(text.findings_text(plan.findings) + "\n", output)
    errors = len(refusing(plan))
    sends, campaigns = len(plan.actions), len(project.campaigns)
    checked = f"{counted(sends, 'send')} of {counted(campaigns, 'campaign')}"
    others = counted(len(plan.findings) - errors, "other finding")
    console.say(f"{checked}: {counted(errors, 'error')}, {others}")
    return ExitCode.FINDINGS if errors else ExitCode.OK
