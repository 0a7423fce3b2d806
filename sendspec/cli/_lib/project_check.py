"""Offline check of one project, and its findings about the paths that a command line names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sendspec.cli._lib.context import open_project
from sendspec.cli._lib.file_dates import list_date_reader
from sendspec.cli._lib.repository_survey import RepositorySurvey
from sendspec.cli._lib.scan_progress import show_scan
from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.cli._lib.console import Console
    from sendspec.cli._lib.project_paths import ProjectPaths
    from sendspec.model import Finding, Plan, Project, Target
    from sendspec.rules import Rule


class ProjectCheck(NamedTuple):
    """The plan of one project, and the paths in it that the command line names."""

    paths: ProjectPaths
    project: Project
    target: Target
    plan: Plan

    def findings(self, rules: Sequence[Rule]) -> list[Finding]:
        """Return the findings of these rules.

        Every rule has run over the whole project, so that none can depend on what is shown.
        """
        ids = {rule.id for rule in rules}
        return [finding for finding in self.plan.findings if finding.rule in ids]

    def shown(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the findings about the paths, and those that block the whole project."""
        from sendspec.plan import blocks

        campaigns = self._campaigns
        return [
            finding
            for finding in findings
            if self.paths.contains(finding.location.file)
            or (finding.address or "").partition("/")[0] in campaigns
            or (finding.address is None and blocks(finding))
        ]

    @property
    def _campaigns(self) -> set[str]:
        """The names of the campaigns among the paths, and of those that use a list among them."""
        named = {each.name for each in self.project.campaigns if self.paths.contains(each.file.as_posix())}
        lists = {path.resolve() for path in self.paths.paths}
        sends = (action.send for action in self.plan.sends)
        return named | {
            send.campaign for send in sends if lists.intersection(file.path for file in send.files)
        }

    def counts(self, findings: Sequence[Finding], shown: Sequence[Finding]) -> tuple[str, int]:
        """Return what was checked and found, and the number of errors."""
        from sendspec.plan import blocks

        errors = sum(blocks(finding) and not finding.blocks_only_its_send for finding in shown)
        sends, campaigns = len(self.plan.actions), len(self.project.campaigns)
        parts = [
            f"{pluralize(sends, 'send')} of {pluralize(campaigns, 'campaign')}: {pluralize(errors, 'error')}",
            pluralize(len(shown) - errors, "other finding"),
        ]
        if left_out := len(findings) - len(shown):
            parts.append(f"{left_out:,} about other files not shown")
        return ", ".join(parts), errors


def check_project(
    paths: ProjectPaths, target_name: str, console: Console, contacts_directory: str | None = None
) -> ProjectCheck:
    """Check a whole project without the ledger or the network.

    Raises:
        SpecError: the project, or a list of it, cannot be read.
        TargetError: the target does not exist.
    """
    from sendspec.plan import plan_project

    survey = RepositorySurvey(Path(paths.directory))
    project, target = open_project(paths.directory, target_name, contacts_directory=contacts_directory)
    dates = list_date_reader(project.directory)
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
    return ProjectCheck(paths, project, target, plan)
