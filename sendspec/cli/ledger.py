"""`sendspec ledger`: the merge of versions of a ledger."""

from __future__ import annotations

from pathlib import Path

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import ledger_for, open_project


@click.group("ledger")
def command() -> None:
    """Merge versions of a ledger."""


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
