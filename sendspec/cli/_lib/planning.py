"""The plan of a project, as `plan` and `preview` make it from the specs and the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.cli._lib.base_comparison import compared_with
from sendspec.cli._lib.context import open_project, read_ledger
from sendspec.cli._lib.file_dates import list_date_reader
from sendspec.cli._lib.online import catalog_reader
from sendspec.cli._lib.outcome_spool import report_recall
from sendspec.cli._lib.repository_survey import RepositorySurvey
from sendspec.cli._lib.scan_progress import show_scan
from sendspec.selection import ALL
from sendspec.structs import replace

if TYPE_CHECKING:
    from sendspec.cli._lib.console import Console
    from sendspec.model import LedgerState, Plan, Project, Target
    from sendspec.selection import Selection


def make_plan(  # noqa: PLR0913 - one parameter an option
    console: Console,
    directory: str,
    target_name: str,
    selection: Selection,
    *,
    online: bool = False,
    against: str | None = None,
    real_values: bool = False,
    contacts_directory: str | None = None,
) -> Plan:
    """Return what apply would do now.

    `contacts_directory` has the lists outside of the repository, by default that of the environment.
    With `online` it is checked against the vendor's lists, and with `against` compared with a base. With
    `real_values` its text examples also have the texts without masks.

    Raises:
        SendspecError: the project, the ledger, the base or a list of the vendor cannot be read.
    """
    survey = RepositorySurvey(Path(directory))
    project, target = open_project(directory, target_name, selection, contacts_directory)
    state = read_ledger(project, target)
    report_recall(console, state, project)
    return plan_opened(
        console,
        project,
        target,
        state,
        survey=survey,
        selection=selection,
        online=online,
        against=against,
        real_values=real_values,
    )


def plan_opened(  # noqa: PLR0913 - the basis of a plan, and one parameter an option
    console: Console,
    project: Project,
    target: Target,
    state: LedgerState,
    *,
    survey: RepositorySurvey,
    selection: Selection = ALL,
    online: bool = False,
    against: str | None = None,
    real_values: bool = False,
) -> Plan:
    """Return what apply would do now with a project that is loaded, and a ledger that is read.

    Raises:
        SendspecError: a list of the project, the base or a list of the vendor cannot be read.
    """
    from sendspec.plan import plan_project

    dates = list_date_reader(project.directory)
    with (
        compared_with(against, project, target, state, selection) as comparison,
        show_scan(console) as observer,
    ):
        plan = plan_project(
            project,
            target,
            state,
            datetime.now(UTC),
            selection,
            date_of=dates,
            survey=lambda lists: survey.facts(project, lists),
            observer=observer,
            list_observer=comparison,
            read_catalog=catalog_reader(project, target) if online else None,
            real_values=real_values,
        )
        return plan if comparison is None else replace(plan, difference=comparison.difference(plan))
