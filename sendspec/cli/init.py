"""`sendspec init`: a project to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.project import ledger_of, open_project
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
@options.directory
@click.option(
    "--ledger",
    is_flag=True,
    help="Instead, begin the ledger of a target that nothing was sent to.",
)
@click.option("--target", "target_name", metavar="NAME", help="With --ledger: the target whose ledger it is.")
def command(directory: str, target_name: str | None, *, ledger: bool) -> int:
    """Begin a project: settings, one small campaign, and what git should ignore."""
    if ledger:
        return _make_ledger(directory, target_name)
    if target_name is not None:
        raise Usage("--target goes with --ledger")
    root = Path(directory)
    present = [name for name in _FILES if (root / name).exists()]
    if present:
        raise SendspecError(
            f"{root / present[0]} is already there: nothing was written",
            hint="begin in another directory, or edit the files that are there",
        )
    try:
        for name, content in _FILES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise SendspecError(f"cannot write below {root}: {error.strerror or error}") from error
    console = Console()
    for name in _FILES:
        console.say(f"wrote {root / name}")
    console.say(f"next: sendspec plan {directory}")
    return 0


def _make_ledger(directory: str, target_name: str | None) -> int:
    if target_name is None:
        raise Usage("say for which target, with --target NAME")
    project, target = open_project(directory, target_name)
    ledger = ledger_of(project, target)
    has = "now has" if ledger.create() else "already has"
    Console().say(f"target '{target.name}' {has} a ledger {ledger.location}")
    return 0
