"""The vendor's lists for `plan --online`, and the ids that a sandbox adds to its own lists."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sendspec.cli._lib.ci import in_ci
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.context import connect
from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sendspec.model import Project, Send, Target, VendorCatalog
    from sendspec.sandbox import NamedIds, SandboxServer


def catalog_reader(project: Project, target: Target) -> Callable[[Sequence[Send]], VendorCatalog]:
    """Return a function that reads the vendor's lists; it raises CredentialsError or VendorError."""

    def read(sends: Sequence[Send]) -> VendorCatalog:
        from sendspec.vendor_lists import read_catalog

        with connect(project, target, lambda: _sandbox(sends)) as client, _shown_on_a_terminal():
            return read_catalog(client)

    return read


@contextmanager
def _shown_on_a_terminal() -> Iterator[None]:
    """Show on the terminal of a person what the verb waits for; a slow vendor takes minutes."""
    console = Console()
    if sys.stderr.isatty() and not in_ci():
        console.draw("reading the vendor's lists")
    try:
        yield
    finally:
        console.erase()


def ids_in_project(directory: str) -> NamedIds:
    """Return the ids that the sends of a project name, for any target; none if it has problems."""
    from sendspec.load import load_project
    from sendspec.render import render
    from sendspec.sandbox import NamedIds

    try:
        project = load_project(Path(directory), os.environ)
        targets = project.targets.values()
        return NamedIds.of(
            send for target in targets for send in render(project, target, require_files=False)
        )
    except SendspecError:
        return NamedIds()


def _sandbox(sends: Sequence[Send]) -> SandboxServer:
    """Return a sandbox that stores nothing, because a plan writes nothing, and lists the ids of the sends."""
    from sendspec.sandbox import NamedIds, SandboxServer

    return SandboxServer(named=lambda: NamedIds.of(sends))
