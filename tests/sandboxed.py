"""Projects with a separate sandbox, so that a test can inspect it and arm faults in it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sendspec.sandbox import SandboxServer
from tests.projects import project
from tests.sandbox_client import SandboxClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = "version: 1\ntargets:\n  sandbox: {{baseUrl: '{url}'}}\n"


@contextmanager
def sandboxed(specs: Path, *campaigns: str, count: int = 3) -> Iterator[SandboxClient]:
    """Write a project of these campaigns, and yield a client of its sandbox."""
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        project(specs, *campaigns, settings=SETTINGS.format(url=server.base_url), count=count)
        yield client
