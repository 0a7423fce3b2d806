"""`sendspec watch`: what needs a person, from specs, ledger and clock."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import find_target, open_project, read_ledger
from sendspec.cli._lib.file_dates import date_reader
from sendspec.cli._lib.github_step import write_step_outputs, write_step_summary
from sendspec.cli._lib.ledger_branch import check_ledger_branch
from sendspec.cli._lib.outcome_spool import report_recall
from sendspec.cli._lib.outputs import Output, choose_outputs, write_outputs
from sendspec.cli._lib.screen import stream_screen
from sendspec.errors import ExitCode, SpecError
from sendspec.report.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from sendspec.model import FileDate, Plan, Project
    from sendspec.watch import WatchLimits, WatchResult

_F = TypeVar("_F", bound="Callable[..., object]")


def _limit_option(name: str, default: str, help_text: str) -> Callable[[_F], _F]:
    """Return a decorator that adds the option for one of the limits."""
    return click.option(name, type=options.Duration(), default=default, show_default=True, help=help_text)


@click.command("watch")
@options.directory_argument
@options.target_option
@_limit_option("--unsent-after", "24h", "Report a send that is due, or blocked, for longer.")
@_limit_option("--unknown-after", "24h", "Report requests whose outcome is unknown for longer.")
@_limit_option(
    "--unsettled-after", "24h", "Report accepted requests whose delivery is not settled for longer."
)
@_limit_option("--closing-within", "24h", "Report a send with recipients left that expires within this time.")
@_limit_option("--forget-after", "30d", "Do not report expired sends and open deliveries that are older.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 instead of 3 if something needs attention.")
@options.contacts_directory_option
@options.format_option("text", "json", "markdown", "github")
@options.output_option
def command(  # noqa: PLR0913 - one parameter an option
    *,
    directory: str,
    target_name: str,
    unsent_after: timedelta,
    unknown_after: timedelta,
    unsettled_after: timedelta,
    closing_within: timedelta,
    forget_after: timedelta,
    exit_zero: bool,
    contacts_directory: str | None,
    outputs: tuple[Output, ...],
    output: str | None,
) -> int:
    """Show what needs a person: sends that were not sent, unknown outcomes, jobs to stop.

    Reads the specs, their dates in git, the lists and the ledger. Does not call the vendor's API, so it needs
    no credentials, and writes nothing. With GITHUB_TOKEN it also reads the protection of the ledger branch
    on GitHub. Exits 3 if something needs attention.
    """
    from sendspec.report.watch import (
        Place,
        watch_annotations,
        watch_json,
        watch_markdown,
        watch_outputs,
        watch_text,
    )
    from sendspec.watch import WatchLimits

    outputs = choose_outputs(outputs, output)
    console = Console()
    limits = WatchLimits(unsent_after, unknown_after, unsettled_after, closing_within, forget_after)
    result = _watch(console, directory, target_name, limits, contacts_directory)
    place = Place(directory, target_name)
    screen = stream_screen(sys.stdout) if Output("text") in outputs else Screen()
    texts: dict[str, Callable[[], str]] = {
        "text": partial(watch_text, result, place, screen),
        "json": partial(watch_json, result, place),
        "markdown": partial(watch_markdown, result, place),
        "github": partial(watch_annotations, result, place),
    }
    write_outputs(console, outputs, texts)
    write_step_outputs(outputs, lambda: watch_outputs(result))
    write_step_summary(console, outputs, lambda budget: watch_markdown(result, place, budget))
    return ExitCode.FINDINGS if result.items and not exit_zero else ExitCode.OK


def _watch(
    console: Console,
    directory: str,
    target_name: str,
    limits: WatchLimits,
    contacts_directory: str | None,
) -> WatchResult:
    """Return what needs a person.

    Raises:
        SendspecError: the settings or the ledger cannot be read.
    """
    from sendspec.cli._lib.planning import plan_opened
    from sendspec.cli._lib.repository_survey import RepositorySurvey
    from sendspec.watch import watch_plan, with_branch

    survey = RepositorySurvey(Path(directory))
    try:
        project, target = open_project(directory, target_name, contacts_directory=contacts_directory)
        state = read_ledger(project, target)
        report_recall(console, state, project)
        plan = plan_opened(console, project, target, state, survey=survey)
    except SpecError as error:
        return _watch_ledger(console, directory, target_name, error, limits)
    now = datetime.now(UTC)
    result = watch_plan(plan, _merge_dates(project, plan), limits, now, waits_for_hours=target.is_real)
    return with_branch(result, check_ledger_branch(project, target))


def _watch_ledger(
    console: Console, directory: str, target_name: str, error: SpecError, limits: WatchLimits
) -> WatchResult:
    """Return what needs a person if the specs have problems: that, and what the ledger shows.

    Raises:
        SendspecError: the settings or the ledger cannot be read.
    """
    from sendspec.load import load_settings
    from sendspec.report.text import problem_text
    from sendspec.watch import watch_ledger, with_branch

    project = load_settings(Path(directory), os.environ)
    target = find_target(project, target_name)
    state = read_ledger(project, target)
    for problem in error.problems:
        console.info(problem_text(problem))
    result = watch_ledger(target.name, state, len(error.problems), limits, datetime.now(UTC))
    return with_branch(result, check_ledger_branch(project, target))


def _merge_dates(project: Project, plan: Plan) -> dict[str, FileDate]:
    """Return when the file of each campaign with open sends got its present content on this branch."""
    from sendspec.model import Sign

    names = {send.send.campaign for send in plan.sends if send.pending or send.sign is not Sign.DONE}
    date_of = date_reader(project.directory, of_merge=True)
    dates = (
        (campaign.name, date_of(campaign.file)) for campaign in project.campaigns if campaign.name in names
    )
    return {name: date for name, date in dates if date is not None}
