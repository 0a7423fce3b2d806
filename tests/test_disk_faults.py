"""Disks that fail, are full, write a part or nothing: nothing is sent after the ledger fails."""

from __future__ import annotations

import os
import resource
import subprocess
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from sendspec.model import RequestState
from tests.processes.campaigns import jobs, named
from tests.processes.clones import plain
from tests.processes.kills import Killer, Shape, machine_of, noted, sampled
from tests.processes.runs import zygote
from tests.processes.truth import TARGET, vendor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.processes.runs import Done
    from tests.processes.truth import Project, Vendor

SENDS = 12
"""More requests than one append has."""

SHAPE = Shape(jobs(SENDS))
MATTER = {
    "journal": {"openat", "write", "fsync", "ftruncate", "unlink"},
    "copy of the journal": {"openat", "write", "fsync"},
    "lockfile": {"openat", "write", "fsync", "rename"},
    "holder": {"openat", "flock", "ftruncate", "pwrite64", "mkdir"},
    "spool": {"openat", "write", "unlink"},
}
"""The calls that can fail, by group of files."""

PAGE = 4096


@pytest.fixture
def sandbox(tmp_path) -> Iterator[Vendor]:
    with vendor(tmp_path / "vendor") as sandbox:
        yield sandbox


def check_report(project: Project, done: Done) -> int:
    """Check the report of a run on a failing disk; return the number of accepted requests."""
    ids, states = project.check(), project.requests()
    lost = [address for address in ids if ids[address] and states[address].state is not RequestState.SENT]
    # Data may be on the disk although its flush failed.
    if lost or done.code == 7:
        assert done.code == 7, done
        assert ".spool has the outcomes that the ledger lacks" in done.err
    assert done.code in (0, 1, 7), done
    assert ("error: " in done.err) == (done.code != 0)
    return sum(map(len, ids.values()))


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_nothing_is_sent_after_the_ledger_fails(error, sandbox, tmp_path, record_property) -> None:
    """Whichever call fails, once or permanently, every outcome is known, and a later apply continues."""
    killer = Killer(tmp_path, sandbox)
    points = [point for point in killer.points(SHAPE) if point.call in MATTER.get(point.about, ())]
    # After the last record a run only reads the lockfile back, for the memory of the machine.
    read_back = max(point for point in points if point[:3] == (False, "lockfile", "openat"))
    struck = 0
    for point in sampled(points, 32):
        with noted(f"{error} at {point}"):
            project = killer.make(SHAPE)
            done = killer.strike(project, point, f"error={error}", on=error == "ENOSPC")
            sent = check_report(project, done)
            if not killer.struck(project):
                continue
            struck += 1
            tolerated = point.about == "spool" or point.call == "mkdir" or point == read_back
            assert point.early or tolerated == (done.code == 0), done
            if point.about == "journal" and point.call in ("write", "fsync") and not point.early:
                assert (sent == 0) == (point.number == 1), done
            project.settle()
    record_property("calls about the ledger that failed", struck)
    assert struck > 20


def test_a_line_that_was_half_written_is_no_line(sandbox, tmp_path, record_property) -> None:
    """A limit of the file size cuts a line short, and the next run ignores that line."""
    killer = Killer(tmp_path, sandbox)
    whole = killer.make(SHAPE)
    whole.settle()
    longest = (whole.directory / "sendspec.vendor.lock").stat().st_size
    codes = Counter()
    for limit in range(1, longest, longest // 16):
        with noted(f"no file may be longer than {limit} bytes"):
            project = killer.make(SHAPE)
            words = ("apply", project.directory, *TARGET, "--auto-approve")
            run = zygote().start(*words, where=tmp_path, **machine_of(project.directory))
            resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (limit, limit))
            run.begin()
            done = run.end()
            codes[done.code] += 1
            check_report(project, done)
            project.settle()
    assert codes.keys() >= {1, 7}, codes
    record_property("files that could not grow", codes.total())


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    directory = tmp_path / "disk"
    directory.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={64 * PAGE}", "tmpfs", directory],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield directory
    subprocess.run(["umount", directory], check=True)


@pytest.mark.parametrize("pages", range(8))
def test_a_full_disk_is_no_reason_to_lose_anything(pages, sandbox, small_disk) -> None:
    """With some free pages the run sends as much as it can record; with more space it continues."""
    project = plain(small_disk, sandbox, named(jobs(SENDS), "Acme"), concurrency=1)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"-" * PAGE)
    os.truncate(filler, filler.stat().st_size - pages * PAGE)
    done = project.apply()
    sent = check_report(project, done)
    assert sent < SENDS or pages > 1, done
    filler.unlink()
    project.settle()


def test_where_nothing_can_be_written_nothing_is_sent(sandbox, small_disk) -> None:
    """On a read-only file system the lock fails first."""
    project = plain(small_disk, sandbox, named(jobs(1), "Acme"))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    done = project.apply()
    assert (done.code, check_report(project, done)) == (1, 0)
    assert "cannot lock this file: Read-only file system\n" in done.err
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    project.settle()


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_a_directory_without_write_permission_is_refused(sandbox, tmp_path) -> None:
    """Nothing is sent in a directory without write permission."""
    project = plain(tmp_path, sandbox, named(jobs(1), "Acme"))
    project.directory.chmod(0o500)
    done = project.apply()
    assert (done.code, check_report(project, done)) == (1, 0)
    project.directory.chmod(0o700)
    project.settle()
