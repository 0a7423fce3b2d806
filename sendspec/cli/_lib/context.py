"""Project, target, ledger and connection that the arguments of a verb name."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from sendspec.cli._lib.ci import in_ci
from sendspec.cli._lib.console import Console
from sendspec.errors import TargetError, Usage
from sendspec.selection import ALL
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sendspec.acoustic import Client
    from sendspec.ledger import Ledger
    from sendspec.model import LedgerState, Project, Target
    from sendspec.sandbox import SandboxServer
    from sendspec.selection import Selection

CONTACTS_DIRECTORY: Final = "SENDSPEC_CONTACTS_DIR"


def open_project(
    directory: str, target_name: str, selection: Selection = ALL, contacts_directory: str | None = None
) -> tuple[Project, Target]:
    """Load a project and find its target; warn about campaign files with problems, or a lack of campaigns.

    `contacts_directory` has the lists outside of the repository, by default that of the environment.

    Raises:
        Usage: `directory` is a file, or the directory of lists is one.
        SpecError: the project cannot be understood.
        TargetError: the target does not exist.
    """
    from sendspec.load import load_project

    if Path(directory).is_file():
        reject_file(directory)
    lists = find_contacts_directory(contacts_directory)
    project = replace(load_project(Path(directory), os.environ, selection), contacts_directory=lists)
    for file in dict.fromkeys(problem.location.file for problem in project.skipped):
        Console().info(f"warning: {file} has problems; it is not part of the selection and was left out")
    if not project.campaigns and not project.skipped:
        Console().info(f"note: {directory} has no campaigns, so nothing is sent")
    return project, find_target(project, target_name)


def find_contacts_directory(name: str | None) -> Path | None:
    """Return the directory of `--contacts-dir`, else that of the environment, None without either.

    A directory that does not exist is returned too: its lists are absent, as those of a run without secrets.

    Raises:
        Usage: it is not a directory.
    """
    source, found = "--contacts-dir", name
    if found is None:
        source, found = CONTACTS_DIRECTORY, os.environ.get(CONTACTS_DIRECTORY)
    if found is None or not found.strip():
        return None
    directory = Path(found)
    if directory.exists() and not directory.is_dir():
        raise Usage(f"{source} is not a directory: {found}", hint="name the directory of the lists")
    return directory


def reject_file(name: str) -> NoReturn:
    """Raise Usage for a file, with its project directory in the hint."""
    parents = [folder for folder in Path(name).parents if (folder / "sendspec.yaml").is_file()]
    directory = f"its project directory, {parents[0]}" if parents else "the directory of sendspec.yaml"
    raise Usage(f"{name} is a file; expected a project directory", hint=f"use {directory}")


def find_target(project: Project, name: str) -> Target:
    """Return the target of that name; raise TargetError if it does not exist."""
    if name not in project.targets:
        from sendspec.suggest import add_target

        raise TargetError(
            f"target '{name}' does not exist in {project.directory / 'sendspec.yaml'}",
            hint=f"choose one of: {', '.join(sorted(project.targets))}, "
            f"or {add_target(name, project.directory)}",
        )
    return project.targets[name]


def ledger_for(project: Project, target: Target) -> Ledger:
    """Return the ledger of a target.

    Raises:
        TargetError: in CI, a real target has a file ledger, which would come from the checkout.
        LedgerError: another project directory of the repository has the same git ledger.
    """
    from sendspec.ledger.other_projects import refuse_shared_ledger
    from sendspec.ledger.registry import make_ledger

    campaigns = [campaign.name for campaign in project.campaigns]
    ledger = make_ledger(project.directory, target, campaigns)
    if target.is_real and not ledger.is_shared and in_ci():
        raise TargetError(
            f"target '{target.name}' has a file ledger; in CI a re-run would read an old copy and send again",
            hint=f"set `ledger: git`, then run `sendspec init --ledger --target {target.name}`",
        )
    if ledger.is_shared:
        refuse_shared_ledger(project.directory, target.name, target.ledger_remote)
    return ledger


def read_ledger(project: Project, target: Target) -> LedgerState:
    """Return the state of the ledger of a target, for a plan.

    Raises:
        LedgerError: the ledger cannot be read, or another ledger of the account has other requests.
    """
    from sendspec.ledger.other_ledgers import refuse_unknown_requests

    ledger = ledger_for(project, target)
    state = ledger.read()
    refuse_unknown_requests(project, target, ledger, state)
    return state


@contextmanager
def connect(
    project: Project, target: Target, sandbox: Callable[[], SandboxServer] | None = None
) -> Iterator[Client]:
    """Yield a client of a target, and run the built-in sandbox meanwhile if the target is that.

    `sandbox` returns the built-in sandbox, by default the one that stores its requests in the project.

    Raises:
        CredentialsError: the environment lacks the credentials of a real target.
    """
    from sendspec.acoustic import Client, Credentials
    from sendspec.cli._lib.console import Console
    from sendspec.cli._lib.unused_settings import ROTATED, ignored_variables_note
    from sendspec.model import SANDBOX

    console = Console()

    # A sandbox accepts any credentials, so those of the organisation are never sent to it.
    credentials = (
        Credentials("sandbox", "sandbox", "sandbox")
        if target.name == SANDBOX
        else Credentials.from_environment(os.environ)
    )
    if target.base_url is not None:
        note = None if target.name == SANDBOX else ignored_variables_note(target.base_url, os.environ)
        if note is not None:
            console.info(note)
        with Client(target.base_url, credentials, on_rotated=lambda: console.info(ROTATED)) as client:
            yield client
        return
    from sendspec.sandbox import SandboxServer

    stored = partial(SandboxServer, project.directory / ".sendspec" / "sandbox")
    with (sandbox or stored)() as server, Client(server.base_url, credentials) as client:
        yield client
