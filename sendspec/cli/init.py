"""`sendspec init`: a new project, the ledger of a new target, or the workflows of a repository."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.completion import complete_target
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import find_target, ledger_for, open_project
from sendspec.cli._lib.outcome_spool import report_recall
from sendspec.cli._lib.project_directory import DEFAULT_DIRECTORY, find_project_directory, nearest_project
from sendspec.errors import LedgerError, SendspecError, Usage
from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from sendspec.model import LedgerState, Project, Target


@click.command("init")
@options.optional_directory_argument
@click.option(
    "--ledger",
    is_flag=True,
    help="Create the ledger of a new target instead of a project.",
)
@click.option(
    "--github",
    is_flag=True,
    help="Write the workflows that plan, apply and watch in GitHub Actions, and a page of settings.",
)
@click.option(
    "--target",
    "target_name",
    metavar="NAME",
    shell_complete=complete_target,
    help="With --ledger or --github: target whose ledger or workflows to create.",
)
@click.option(
    "--from",
    "source_name",
    metavar="NAME",
    shell_complete=complete_target,
    help="With --ledger: another target of the same organisation, whose records are added.",
)
@click.option(
    "--empty",
    is_flag=True,
    help="With --ledger: add no records of other targets, because they are other organisations.",
)
@click.option(
    "--pin",
    "pinned",
    metavar="OWNER/NAME@COMMIT",
    help="With --github: repository and commit of the workflows; without it, those of this installation.",
)
@click.option(
    "--default-branch",
    "branch_name",
    metavar="NAME",
    help="With --github: branch whose pushes send; without it, the default branch of the remote origin.",
)
def command(  # noqa: PLR0913 - one parameter an option
    *,
    directory: str | None,
    target_name: str | None,
    source_name: str | None,
    ledger: bool,
    empty: bool,
    github: bool,
    pinned: str | None,
    branch_name: str | None,
) -> int:
    """Create a project: settings, two small campaigns, and schemas for editors.

    With --ledger, an existing ledger of the target in the other form, in files or on the branch, is
    carried over. With --github, files that a person edited stay as they are, and a further target adds
    its jobs; without --target, existing jobs are updated.
    """
    only_github = "--pin" if pinned is not None else "--default-branch" if branch_name is not None else None
    only_ledger = empty or source_name is not None
    _check_options(ledger=ledger, github=github, only_github=only_github, only_ledger=only_ledger)
    if ledger:
        return _create_ledger(directory or find_project_directory(), target_name, source_name, empty=empty)
    if github:
        from sendspec.cli._lib.github_files import write_github_files

        write_github_files(Console(), directory, target_name, pinned, branch_name)
        return 0
    if target_name is not None or source_name is not None or empty:
        option = "--target" if target_name is not None else "--empty" if empty else "--from"
        raise Usage(
            f"{option} works only with --ledger{' or --github' if option == '--target' else ''}",
            hint="add --ledger to create the ledger of a target",
        )
    directory = directory or _new_directory()
    from sendspec.cli._lib.new_project import new_project_files

    root, new_files = Path(directory), new_project_files(datetime.now(UTC))
    existing = [name for name in new_files if os.path.lexists(root / name)]
    if existing:
        raise SendspecError(
            f"{root / existing[0]} already exists; nothing was written",
            hint="choose another directory, or edit the existing files",
        )
    try:
        for name, content in new_files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise SendspecError(
            f"cannot write to {root}: {error.strerror or error}",
            hint="name a directory that you may write to, or free disk space",
        ) from error
    console = Console()
    for name in new_files:
        console.info(f"wrote {root / name}")
    console.info(f"next: {shlex.join(('sendspec', 'plan', directory))}")
    return 0


def _check_options(*, ledger: bool, github: bool, only_github: str | None, only_ledger: bool) -> None:
    if ledger and github:
        raise Usage("--ledger and --github exclude each other", hint="run `init` once with each of them")
    if github and only_ledger:
        raise Usage("--from and --empty work only with --ledger", hint="omit them")
    if only_github is not None and not github:
        raise Usage(f"{only_github} works only with --github", hint="add --github to write the workflows")


def _new_directory() -> str:
    """Return the default directory of a new project; raise Usage inside another project."""
    nearest = nearest_project()
    if nearest is not None:
        raise Usage(
            f"the current directory is part of the project {Path(nearest).resolve()}",
            hint="name the directory of the new project, or run `sendspec plan` for this one",
        )
    return DEFAULT_DIRECTORY


def _create_ledger(directory: str, target_name: str | None, source_name: str | None, *, empty: bool) -> int:
    if target_name is None:
        raise Usage("--ledger needs a target", hint="add --target NAME")
    if source_name is not None and empty:
        raise Usage("--from and --empty exclude each other", hint="use one of them")
    from sendspec.ledger.carry_over import create_ledger

    project, target = open_project(directory, target_name)
    ledger = ledger_for(project, target)
    source = None if source_name is None else _find_source(project, target, source_name)
    creation = create_ledger(project, target, ledger, source=source, empty=empty)
    change = "created a ledger" if creation.created else "a ledger already exists"
    console = Console()
    console.info(f"{change} for target '{target.name}' {ledger.location}")
    for version in creation.added:
        console.info(f"added {_describe(version.state)} of {version.name}")
    report_recall(console, ledger.read(), project)
    return 0


def _find_source(project: Project, target: Target, name: str) -> Target:
    """Return a target of the project, else one that another project directory has; raise TargetError."""
    from sendspec.ledger.other_projects import other_targets
    from sendspec.structs import replace

    if name not in project.targets:
        with suppress(LedgerError):  # Without a clone, only this project is known.
            for other in other_targets(project.directory):
                if other.name == name:
                    remote = other.remote
                    return replace(target, name=name, ledger="git", ledger_remote=remote, ledger_from=None)
    return find_target(project, name)


def _describe(state: LedgerState) -> str:
    requests = sum(len(record.all_requests) for record in state.sends.values())
    return f"{pluralize(len(state.sends), 'send')} with {pluralize(requests, 'request')}"
