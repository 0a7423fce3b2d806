"""SIGKILL of a real apply at system calls; afterwards every request is sent exactly once.

A run that is killed at one system call has done everything before it and nothing after it. After the
next apply, and a person who resolves unknown requests, the vendor has one of each. The points of each
shape are counted first; CI tries a sample of them, `--all-kill-points` all.
"""

from __future__ import annotations

import signal

import pytest

from tests.processes.campaigns import BATCHES, jobs, named, notices
from tests.processes.clones import plain
from tests.processes.kills import Killer, Point, Shape, noted, sampled
from tests.processes.strace import under_strace
from tests.processes.truth import TARGET, vendor

ANSWERED = Point(early=False, about="journal", call="write", number=2)
SECOND = Point(early=False, about="sockets", call="sendto", number=3)
SHAPES = {
    "three batches": (Shape(BATCHES, count=2001), 40),
    "three batches at once": (Shape(BATCHES, count=2001, concurrency=3), 32),
    "three batches, resumed": (Shape(BATCHES, count=2001, before=SECOND), 24),
    "a job": (Shape(jobs(1)), 60),
    "a job, repeated": (Shape(jobs(1), before=ANSWERED, asked=False), 56),
    "twelve jobs in two waves": (Shape(jobs(12), concurrency=4), 64),
    "two sends": (Shape(notices(2)), 36),
}
"""Shapes with the size of their sample of points."""

A_VENDOR_SERVES = 12
"""Projects of one sandbox: each query reads everything that it received."""


@pytest.mark.parametrize("name", SHAPES)
def test_killed_anywhere_everything_is_sent_once(name, tmp_path, all_kill_points, record_property) -> None:
    """At whichever call a run is killed, ledger and vendor agree, and each request is sent once."""
    shape, count = SHAPES[name]
    with vendor(tmp_path / "counted" / "vendor") as sandbox:
        points = Killer(tmp_path / "counted", sandbox).points(shape)
    chosen = points if all_kill_points else list(sampled(points, count))
    killed = unknown = 0
    for start in range(0, len(chosen), A_VENDOR_SERVES):
        directory = tmp_path / f"from{start}"
        with vendor(directory / "vendor") as sandbox:
            killer = Killer(directory, sandbox)
            for point in chosen[start : start + A_VENDOR_SERVES]:
                with noted(f"{name}, killed at {point}"):
                    project = killer.make(shape)
                    killed += killer.kill(project, point)
                    project.check()
                    unknown += project.settle()
    record_property("kill points", len(points))
    record_property("kill points tried", len(chosen))
    record_property("runs killed", killed)
    record_property("requests found unknown after a kill", unknown)
    assert killed > len(chosen) / 2


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("sendspec.vendor.journal", "write:signal=SIGKILL:when=1"),
        ("sendspec.vendor.journal", "write:signal=SIGKILL:when=2"),
        ("sendspec.vendor.journal", "fsync:signal=SIGKILL:when=2"),
        ("sendspec.vendor.lock.tmp", "rename:signal=SIGKILL:when=1"),
        (None, "sendto:signal=SIGKILL:when=2"),
        (None, "sendto:signal=SIGKILL:when=3"),
    ],
)
def test_the_installed_command_is_no_different(name, call, tmp_path) -> None:
    """The installed command behaves the same as the forked process of the other tests."""
    with vendor(tmp_path / "vendor") as sandbox:
        project = plain(tmp_path, sandbox, named(notices(2), "Acme"), concurrency=1)
        paths = [project.directory / name] if name else []
        code = under_strace(["apply", project.directory, *TARGET, "--auto-approve"], paths, call)
        assert code == -signal.SIGKILL
        project.check()
        project.settle()
