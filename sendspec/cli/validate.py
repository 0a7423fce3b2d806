"""`sendspec validate`: an offline check of schemas and rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import open_project
from sendspec.cli._lib.exclude_list_dates import date_reader
from sendspec.cli._lib.outputs import choose_outputs, print_problems, write_outputs
from sendspec.cli._lib.repository_survey import RepositorySurvey
from sendspec.cli._lib.scan_progress import show_scan
from sendspec.errors import ExitCode
from sendspec.formatting import pluralize
from sendspec.report.formats import FINDINGS_FORMATS, findings_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.cli._lib.outputs import Output
    from sendspec.model import Plan
    from sendspec.rules import Rule


@click.command("validate")
@options.directory_argument
@options.target_option
@options.rule_option
@options.format_option(*FINDINGS_FORMATS)
@options.output_option
def command(
    directory: str,
    target_name: str,
    rule_names: tuple[str, ...],
    outputs: tuple[Output, ...],
    output: str | None,
) -> int:
    """Check specs and contact files, without the ledger or the network."""
    from sendspec.cli._lib.editor_schemas import stale_schema_notes
    from sendspec.cli._lib.rule_names import find_rules
    from sendspec.plan import blocking_findings, plan_project
    from sendspec.rules import is_off

    console = Console()
    rules = find_rules(rule_names)
    outputs = choose_outputs(outputs, output)
    with print_problems(outputs):
        survey = RepositorySurvey(Path(directory))
        project, target = open_project(directory, target_name)
        dates = date_reader(project.directory)
        with show_scan(console) as observer:
            plan = plan_project(
                project,
                target,
                None,
                datetime.now(UTC),
                date_of=dates,
                survey=lambda lists: survey.facts(project, lists),
                observer=observer,
            )
    if rule_names:
        plan = _only(plan, rules)
        if disabled := ", ".join(rule.id for rule in rules if is_off(rule, project.rules)):
            console.info(f"note: off in {(project.directory / 'sendspec.yaml').as_posix()}: {disabled}")
    for note in stale_schema_notes(project.directory):
        console.info(f"note: {note}")
    write_outputs(console, outputs, findings_texts(plan.findings))
    errors = len(blocking_findings(plan))
    sends, campaigns = len(plan.actions), len(project.campaigns)
    checked = f"{pluralize(sends, 'send')} of {pluralize(campaigns, 'campaign')}"
    others = pluralize(len(plan.findings) - errors, "other finding")
    console.info(f"{checked}: {pluralize(errors, 'error')}, {others}")
    return ExitCode.FINDINGS if errors else ExitCode.OK


def _only(plan: Plan, rules: Iterable[Rule]) -> Plan:
    """Return a plan with the findings of these rules; every rule has run, so that none can depend on it."""
    ids = {rule.id for rule in rules}
    return replace(plan, findings=tuple(finding for finding in plan.findings if finding.rule in ids))
