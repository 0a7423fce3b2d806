"""Kill points of a run, and runs that are killed at them."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.state_directory import account_directory, project_name
from tests.processes.campaigns import named
from tests.processes.runs import CREDENTIALS, zygote
from tests.processes.strace import attached, count_calls
from tests.processes.truth import TARGET, Project, bodies_of
from tests.projects import project, sendspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.processes.runs import Done
    from tests.processes.truth import Vendor

_FILES = "openat,read,write,pwrite64,ftruncate,flock,fsync,fdatasync,rename,unlink,mkdir,close"
_SOCKETS = "socket,connect,getsockopt,setsockopt,sendto,recvfrom,poll,shutdown"
_THREADS = "futex,clone,clone3,munmap,exit"
_REST = {
    call: group
    for group, calls in (("sockets", _SOCKETS), ("threads", _THREADS))
    for call in calls.split(",")
}


class Point(NamedTuple):
    """The n-th call of a thread, counted from the start of the process or from the approval."""

    early: bool
    about: str
    call: str
    number: int

    def __str__(self) -> str:
        since = "start" if self.early else "approval"
        return f"{self.call} {self.number} of the {self.about}, from the {since} on"


@dataclass(frozen=True)
class Shape:
    """A kind of project: its campaign, the kill point of an earlier run, and whether that was resolved."""

    campaign: str
    count: int = 3
    concurrency: int = 1
    before: Point | None = None
    asked: bool = True


class Killer:
    """Creates projects for one vendor, and kills runs of them."""

    def __init__(self, directory: Path, vendor: Vendor) -> None:
        self._directory = directory
        self._vendor = vendor
        self._made = 0

    def make(self, shape: Shape) -> Project:
        """Create a project of a shape, with its own name."""
        self._made += 1
        directory = self._directory / f"project{self._made}"
        target = f"{{baseUrl: '{self._vendor.base_url}', sandbox: true, concurrency: {shape.concurrency}}}"
        settings = f"version: 1\ntargets: {{vendor: {target}}}\n"
        campaign = named(shape.campaign, f"Acme {self._made}")
        project(directory, campaign, settings=settings, count=shape.count)
        run = partial(sendspec, where=self._directory, **CREDENTIALS, **machine_of(directory))
        bodies = bodies_of(run("render", directory, *TARGET).out)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in machine_of(directory).items():
                patch.setenv(name, value)
            ledger = ledger_for(*open_project(str(directory), "vendor"))
        made = Project(directory, self._vendor, run, ledger, bodies)
        if shape.before is not None:
            assert self.kill(made, shape.before)
            made.check()
            if shape.asked:
                made.resolve()
        return made

    def kill(self, project: Project, point: Point) -> bool:
        """Apply and kill the run at a point; return False if the run did not reach it."""
        done = self.strike(project, point, "signal=SIGKILL")
        assert done.code in (0, 7, -signal.SIGKILL), done
        return done.code == -signal.SIGKILL

    def strike(self, project: Project, point: Point, what: str, *, on: bool = False) -> Done:
        """Apply, and let strace inject `what` at a point, or from that point on."""
        paths = self._files(project.directory).get(point.about, ())
        inject = f"{point.call}:{what}:when={point.number}{'+' if on else ''}"
        return self._traced(project, point.call, paths, inject, early=point.early)

    def struck(self, project: Project) -> bool:
        """Return whether the last run reached the point of injection."""
        return "(INJECTED)" in _log(project).read_text()

    def points(self, shape: Shape) -> list[Point]:
        """Return every point of a shape, before the approval and after it."""
        return [
            Point(early, group, call, number)
            for early in (True, False)
            for (group, call), most in sorted(self._calls(shape, early=early).items())
            for number in range(1, most + 1)
        ]

    def _calls(self, shape: Shape, *, early: bool) -> dict[tuple[str, str], int]:
        project = self.make(shape)
        done = self._traced(project, f"{_FILES},{_SOCKETS},{_THREADS}", early=early)
        assert done.code == (1 if early else 0), done
        about = self._files(project.directory)
        return count_calls(_log(project), about, {} if early else _REST)

    def _files(self, directory: Path) -> dict[str, list[Path]]:
        """Return groups of files, counted apart so that calls about one do not shift those about another."""
        account = self._vendor.base_url.partition("://")[2]
        memory = account_directory(account, "vendor", machine_of(directory))
        own = memory / project_name(directory)
        lockfile = directory / "sendspec.vendor.lock"
        return {
            "journal": [directory / "sendspec.vendor.journal"],
            "lockfile": [lockfile, lockfile.with_suffix(".lock.tmp"), directory],
            "holder": [directory / ".sendspec" / "vendor.holder", directory / ".sendspec"],
            "copy of the journal": [memory / "known.journal"],
            "memory": [memory, memory / "known.json", memory / "known.json.tmp", memory / "run.holder"],
            "newest serial": [own.with_suffix(".newest"), own.with_suffix(".newest.tmp")],
            "spool": [own.with_suffix(".spool")],
        }

    def _traced(
        self,
        project: Project,
        calls: str,
        paths: Sequence[Path] = (),
        inject: str | None = None,
        *,
        early: bool,
    ) -> Done:
        machine = machine_of(project.directory)
        run = zygote().start("apply", project.directory, *TARGET, where=self._directory, **machine)
        if not early:
            run.begin()
            assert run.asked()
        with attached(run.pid, _log(project), calls=calls, paths=paths, inject=inject):
            if early:
                run.begin()
            if not early or run.asked():
                run.answer("yes" if inject or not early else "no")
            return run.end()


def machine_of(directory: Path) -> dict[str, str]:
    """Return the environment of the machine of a project: all have one account, and requests alike."""
    return {"XDG_STATE_HOME": str(_state(directory))}


def _state(directory: Path) -> Path:
    return directory.with_suffix(".state")


def _log(project: Project) -> Path:
    return project.directory.with_suffix(".strace")


def sampled(points: list[Point], count: int) -> Iterator[Point]:
    """Return about `count` of the points, evenly spread."""
    step = max(1.0, len(points) / count)
    return (points[int(index * step)] for index in range(min(count, len(points))))


@contextmanager
def noted(what: str) -> Iterator[None]:
    """Add a note to an exception of the block."""
    try:
        yield
    except BaseException as error:
        error.add_note(what)
        raise
