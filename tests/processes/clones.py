"""Projects for the installed command: with a file ledger, or in clones of one bare repository."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from sendspec.cli._lib.context import ledger_for, open_project
from tests.ledgers import git, remote_with_clones
from tests.processes.runs import CREDENTIALS, Done, clean_environment
from tests.processes.truth import TARGET, Project, bodies_of
from tests.projects import SENDSPEC, project, sendspec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.processes.truth import Vendor


def plain(
    directory: Path,
    vendor: Vendor,
    campaign: str,
    *,
    concurrency: int = 4,
    count: int = 3,
) -> Project:
    """Create a project with a file ledger; see `opened`."""
    settings = settings_for(vendor, f"concurrency: {concurrency}")
    return opened(project(directory / "specs", campaign, settings=settings, count=count), vendor)


def settings_for(vendor: Vendor, more: str) -> str:
    """Return a `sendspec.yaml` with the vendor as a target."""
    return f"version: 1\ntargets: {{vendor: {{baseUrl: '{vendor.base_url}', sandbox: true, {more}}}}}\n"


def opened(specs: Path, vendor: Vendor) -> Project:
    """Return the project in a directory; each command runs in its own process."""

    def command(*arguments: str | Path, **environment: str) -> Done:
        return run(*arguments, where=specs.parent, **environment)

    bodies = bodies_of(command("render", specs, *TARGET).out)
    return Project(specs, vendor, command, ledger_for(*open_project(str(specs), "vendor")), bodies)


class Shared:
    """A project in a bare repository, with its specs in `specs/` of every clone."""

    def __init__(
        self,
        directory: Path,
        vendor: Vendor,
        campaign: str,
        *,
        concurrency: int = 4,
    ) -> None:
        directory.mkdir(exist_ok=True)
        self.remote, (self._first,) = remote_with_clones(directory, 1)
        self.directory = directory
        self._vendor = vendor
        self._clones = 1
        settings = settings_for(vendor, f"ledger: git, concurrency: {concurrency}")
        specs = project(self._first / "specs", campaign, settings=settings)
        git("add", ".", where=specs)
        git("commit", "--quiet", "--message=specs", where=specs)
        git("push", "--quiet", "origin", "HEAD:main", where=specs)
        done = run("init", "--ledger", *TARGET, specs, where=directory)
        assert done.code == 0, done.err

    def clone(self) -> Project:
        """Return another clone."""
        self._clones += 1
        clone = self.directory / f"copy{self._clones}"
        git("clone", "--quiet", str(self.remote), str(clone), where=self.directory)
        return opened(clone / "specs", self._vendor)


def run(*arguments: str | Path, where: Path, **environment: str) -> Done:
    """Run a command with credentials; return how it ended."""
    return sendspec(*arguments, where=where, **CREDENTIALS, **environment)


def start(*arguments: str | Path, where: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start the installed command with credentials."""
    return subprocess.Popen(
        [SENDSPEC, *map(str, arguments)],
        cwd=where,
        env=clean_environment(**CREDENTIALS, **environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


def ended(process: subprocess.Popen[bytes]) -> Done:
    """Wait for the end of a process; the code is negative if a signal ended it."""
    out, err = process.communicate(timeout=300)
    assert b"Traceback" not in err, err
    return Done(process.returncode, out.decode(), err.decode())
