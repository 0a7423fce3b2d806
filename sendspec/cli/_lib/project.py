"""From the command line's words to what the verbs work on: project, target, ledger, connection."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from sendspec.errors import TargetError, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.acoustic import Client
    from sendspec.ledger import Ledger
    from sendspec.model import Project, Target


def open_project(directory: str, target_name: str) -> tuple[Project, Target]:
    """Load a project and choose its target.

    Raises:
        Usage: the directory is a file.
        SpecError: the project cannot be understood.
        TargetError: it has no such target.
    """
    from sendspec.load import load_project

    if Path(directory).is_file():
        refuse_file(directory)
    project = load_project(Path(directory), os.environ)
    return project, choose_target(project, target_name)


def refuse_file(name: str) -> NoReturn:
    """Refuse a file where a project directory is wanted, and name the one it lies in; raises Usage."""
    around = [folder for folder in Path(name).parents if (folder / "sendspec.yaml").is_file()]
    hint = (
        f"its project directory is {around[0]}" if around else "name the directory that sendspec.yaml is in"
    )
    raise Usage(f"{name} is a file, and what is wanted is a project directory", hint=hint)


def in_ci() -> bool:
    """Whether a CI service runs this, where nobody can be asked and nothing but what is pushed stays."""
    return os.environ.get("CI", "").lower() in ("true", "1") or os.environ.get("GITHUB_ACTIONS") == "true"


def choose_target(project: Project, name: str) -> Target:
    """Give the target of that name; raises TargetError if there is none."""
    if name not in project.targets:
        known = ", ".join(sorted(project.targets))
        raise TargetError(
            f"there is no target '{name}' in {project.directory / 'sendspec.yaml'}",
            hint=f"the targets are: {known}",
        )
    return project.targets[name]


def ledger_of(project: Project, target: Target) -> Ledger:
    """Give the ledger that a target keeps.

    Raises:
        TargetError: in CI, a real target that keeps its ledger in the checkout.
    """
    from sendspec.ledger.registry import make_ledger

    ledger = make_ledger(project.directory, target)
    if target.is_real and not ledger.is_shared and in_ci():
        raise TargetError(
            f"target '{target.name}' keeps its ledger in files, which in CI are those of the commit: a run "
            "that is repeated would send again what was sent since",
            hint="set `ledger: git` for it, and begin its ledger with "
            f"`sendspec init --ledger --target {target.name}`",
        )
    return ledger


@contextmanager
def connect(project: Project, target: Target) -> Iterator[Client]:
    """Open a client to a target; the built-in sandbox is started for as long as it is needed.

    Raises:
        CredentialsError: the environment has no credentials for a real target.
    """
    from sendspec.acoustic import Client, Credentials
    from sendspec.load.project import SANDBOX

    # A sandbox takes any credentials; those of the organisation never go to one.
    credentials = (
        Credentials("sandbox", "sandbox", "sandbox")
        if target.name == SANDBOX
        else Credentials.from_environment(os.environ)
    )
    if target.base_url is not None:
        with Client(target.base_url, credentials) as client:
            yield client
        return
    from sendspec.sandbox import SandboxServer

    with (
        SandboxServer(project.directory / ".sendspec" / "sandbox") as server,
        Client(server.base_url, credentials) as client,
    ):
        yield client
