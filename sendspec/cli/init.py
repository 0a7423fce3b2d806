"""`sendspec init`: a new project, or the ledger of a new target."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.cli._lib.project_directory import DEFAULT_DIRECTORY, find_project_directory, nearest_project
from sendspec.errors import SendspecError, Usage

_FILES: Final = {
    "sendspec.yaml": """\
version: 1
# The target `sandbox` is built in and is the default. A real one needs a name of your own:
#
# targets:
#   production:
#     pod: us-1
#     ledger: git
""",
    "campaigns/hello.yaml": """\
campaign: hello
purpose: transactional
sends:
  - id: first
    endpoint: external-consent
    channelQualifier: "1"
    content: "Acme: hello %%NAME%%, your order is ready."
    contacts:
      - {phoneNumber: "12125550123", personalization: {NAME: Ada}}
      - {phoneNumber: "12125550124", personalization: {NAME: Grace}}
""",
    ".gitignore": """\
.sendspec/
*.journal
*.sandbox.lock
""",
}


@click.command("init")
@click.argument("directory", metavar="[DIR]", required=False, callback=options.reject_empty_name)
@click.option(
    "--ledger",
    is_flag=True,
    help="Create the ledger of a new target instead of a project.",
)
@click.option("--target", "target_name", metavar="NAME", help="With --ledger: target whose ledger to create.")
def command(directory: str | None, target_name: str | None, *, ledger: bool) -> int:
    """Create a project: settings, a small campaign and a .gitignore file."""
    if ledger:
        return _create_ledger(directory or find_project_directory(), target_name)
    if target_name is not None:
        raise Usage(
            "--target works only with --ledger", hint="add --ledger to create the ledger of that target"
        )
    directory = directory or _new_directory()
    root = Path(directory)
    existing = [name for name in _FILES if (root / name).exists()]
    if existing:
        raise SendspecError(
            f"{root / existing[0]} already exists; nothing was written",
            hint="choose another directory, or edit the existing files",
        )
    try:
        for name, content in _FILES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise SendspecError(
            f"cannot write to {root}: {error.strerror or error}",
            hint="name a directory that you may write to, or free disk space",
        ) from error
    console = Console()
    for name in _FILES:
        console.info(f"wrote {root / name}")
    console.info(f"next: sendspec plan {directory}")
    return 0


def _new_directory() -> str:
    """Return the default directory of a new project; raise Usage inside another project."""
    nearest = nearest_project()
    if nearest is not None:
        raise Usage(
            f"the current directory is part of the project {Path(nearest).resolve()}",
            hint="name the directory of the new project, or run `sendspec plan` for this one",
        )
    return DEFAULT_DIRECTORY


def _create_ledger(directory: str, target_name: str | None) -> int:
    if target_name is None:
        raise Usage("--ledger needs a target", hint="add --target NAME")
    project, target = open_project(directory, target_name)
    ledger = ledger_for(project, target)
    change = "created a ledger" if ledger.create() else "a ledger already exists"
    Console().info(f"{change} for target '{target.name}' {ledger.location}")
    return 0
