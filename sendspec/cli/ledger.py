"""`sendspec ledger`: the merge of versions of a ledger, and its repository."""

from __future__ import annotations

from pathlib import Path

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.errors import Usage


@click.group("ledger")
def command() -> None:
    """Merge versions of a ledger, or adopt one."""


@command.command("merge")
@options.directory_argument
@options.target_option
@click.option(
    "--with",
    "copies",
    metavar="FILE",
    multiple=True,
    help="Also merge this copy of the lockfile, and the journal beside it; repeatable.",
)
@click.option(
    "--accept-edits",
    is_flag=True,
    help="Read lockfiles that were edited by hand, and compute their digest again.",
)
def merge(directory: str, target_name: str, copies: tuple[str, ...], *, accept_edits: bool) -> int:
    """Merge both sides of a conflict in the ledger, and copies of it.

    Keeps every request of each version. An acceptance always counts, and of two both ids are kept.
    """
    from sendspec.report.merge_text import merge_text

    project, target = open_project(directory, target_name)
    ledger = ledger_for(project, target)
    result = ledger.merge([Path(copy) for copy in copies], accept_edits=accept_edits)
    Console().info(merge_text(result, ledger.location))
    return 0


@command.command("adopt")
@options.directory_argument
@options.target_option
def adopt(directory: str, target_name: str) -> int:
    """Record the remote of this clone as the repository of the ledger branch.

    Use it after the repository was moved or renamed, and once for a branch without an identity. Never
    use it in a fork while runs of the original repository still send.
    """
    from sendspec.ledger.git_ledger import GitLedger

    project, target = open_project(directory, target_name)
    ledger = ledger_for(project, target)
    if not isinstance(ledger, GitLedger):
        raise Usage(
            f"the ledger of target '{target.name}' is in files, which belong to no repository",
            hint="name a target with `ledger: git`",
        )
    change = "is now" if ledger.adopt() else "is already"
    Console().info(f"the branch sendspec-state {change} the ledger of {ledger.clone.normalized_url()}")
    return 0
