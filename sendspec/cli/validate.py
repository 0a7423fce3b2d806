"""`sendspec validate`: schema and rules, offline."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.project import open_project
from sendspec.errors import ExitCode
from sendspec.formatting import pluralize


@click.command("validate")
@options.directory
@options.target
@options.form("text", "json")
@options.output
def command(directory: str, target_name: str, form: str, output: str | None) -> int:
    """Check specs and contact files, without ledger or network."""
    from sendspec.plan import blocking_findings, plan_project
    from sendspec.report import text
    from sendspec.report.findings import findings_json

    project, target = open_project(directory, target_name)
    plan = plan_project(project, target, None, datetime.now(UTC))
    console = Console()
    if form == "json":
        console.data(findings_json(plan.findings), output)
    elif plan.findings:
        console.data(text.findings_text(plan.findings) + "\n", output)
    errors = len(blocking_findings(plan))
    sends, campaigns = len(plan.actions), len(project.campaigns)
    checked = f"{pluralize(sends, 'send')} of {pluralize(campaigns, 'campaign')}"
    others = pluralize(len(plan.findings) - errors, "other finding")
    console.say(f"{checked}: {pluralize(errors, 'error')}, {others}")
    return ExitCode.FINDINGS if errors else ExitCode.OK
