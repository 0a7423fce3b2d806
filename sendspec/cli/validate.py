"""`sendspec validate`: an offline check of schemas and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.github_step import write_step_outputs
from sendspec.cli._lib.outputs import choose_outputs, write_failures, write_outputs
from sendspec.cli._lib.project_check import check_project
from sendspec.cli._lib.project_paths import group_by_project
from sendspec.cli._lib.repository_paths import relocate
from sendspec.errors import ExitCode, SpecError
from sendspec.report.formats import FINDINGS_FORMAT_NAMES, findings_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.cli._lib.outputs import Output
    from sendspec.cli._lib.project_check import ProjectCheck
    from sendspec.cli._lib.project_paths import ProjectPaths
    from sendspec.model import Problem


@click.command("validate")
@options.paths_argument
@options.target_option
@options.rule_option
@options.contacts_directory_option
@options.format_option(*FINDINGS_FORMAT_NAMES)
@options.output_option
def command(  # noqa: PLR0913 - one parameter an option
    *,
    names: tuple[str, ...],
    target_name: str,
    rule_names: tuple[str, ...],
    contacts_directory: str | None,
    outputs: tuple[Output, ...],
    output: str | None,
) -> int:
    """Check specs and contact files, without the ledger or the network.

    PATH is a project directory, or a file or folder in one: then only findings about it are shown, and
    those that block the whole project. Without PATH it is the project directory of any other verb.

    Synonyms: lint, check.
    """
    from sendspec.cli._lib.editor_schemas import stale_schema_notes
    from sendspec.cli._lib.rule_names import find_rules
    from sendspec.report.github import findings_outputs
    from sendspec.rules import is_off

    console = Console()
    rules = find_rules(rule_names)
    outputs = choose_outputs(outputs, output)
    with write_failures(outputs):
        checks = _check_all(group_by_project(names), target_name, console, contacts_directory)
    for check in checks:
        disabled = ", ".join(rule.id for rule in rules if is_off(rule, check.project.rules))
        if rule_names and disabled:
            console.info(f"note: off in {(check.project.directory / 'sendspec.yaml').as_posix()}: {disabled}")
        for note in stale_schema_notes(check.project.directory):
            console.info(f"note: {note}")
    found = [(check, findings := check.findings(rules), check.shown(findings)) for check in checks]
    shown_findings = [each for *_, shown in found for each in shown]
    write_outputs(console, outputs, findings_texts(shown_findings, relocate))
    write_step_outputs(outputs, lambda: findings_outputs(relocate(shown_findings)))
    has_errors = False
    for check, findings, shown in found:
        counts, errors = check.counts(findings, shown)
        console.info(counts)
        has_errors |= errors > 0
    return ExitCode.FINDINGS if has_errors else ExitCode.OK


def _check_all(
    projects: Sequence[ProjectPaths], target_name: str, console: Console, contacts_directory: str | None
) -> list[ProjectCheck]:
    """Check each project; raise SpecError with the problems of all of them."""
    checks: list[ProjectCheck] = []
    problems: list[Problem] = []
    for paths in projects:
        try:
            checks.append(check_project(paths, target_name, console, contacts_directory))
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return checks
