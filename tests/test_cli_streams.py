"""Standard streams that are closed, end early, or cannot take every character: never a traceback."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.projects import GATE, SENDSPEC, lockfile, project, sendspec

if TYPE_CHECKING:
    from pathlib import Path


def shell(command: str, where: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line of bash, `sendspec` in it being the installed one."""
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"PYTHONUNBUFFERED": "1"}  # as many containers and runners have it
    return subprocess.run(
        ["bash", "-c", command.replace("sendspec", SENDSPEC, 1)],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_closed_streams(closed, tmp_path):
    """Without somewhere to write to, everything is sent and recorded all the same, in sound files."""
    specs = project(tmp_path / "specs", GATE)
    done = shell(f"sendspec apply --auto-approve {closed}", tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"
    assert not (specs / "sendspec.sandbox.journal").exists()
    written = b"".join(path.read_bytes() for path in specs.rglob("*") if path.is_file())
    assert b"gate/change#1  transaction" not in written
    assert b"1 request sent" not in written


def test_a_reader_that_leaves(tmp_path):
    """When the reader leaves in the middle of the plan, which no pipe holds whole, nothing is sent."""
    long = GATE.replace("your flight", "x" * 700)
    specs = project(tmp_path / "specs", *(long.replace("gate\n", f"gate-{i}\n") for i in range(250)))
    command = 'sendspec apply --auto-approve | head -c 9; exit "${PIPESTATUS[0]}"'
    done = shell(command, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "Target sa", "")
    assert not (specs / "sendspec.sandbox.lock").exists()


def test_a_log_that_nobody_reads(tmp_path):
    """When nobody reads the log any more, what was approved is sent and recorded."""
    specs = project(tmp_path / "specs", GATE)
    done = shell("{ sendspec apply --auto-approve >plan.txt; } 2> >(exec true); wait", tmp_path)
    assert done.returncode == 0
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"


def test_an_encoding_that_lacks_characters(tmp_path):
    """What the terminal's encoding cannot show is shown as an escape."""
    project(tmp_path / "specs", GATE.replace("your flight", "votre vol décollé 😀"))
    done = sendspec("plan", where=tmp_path, PYTHONIOENCODING="ascii")
    assert (done.code, done.err) == (0, "")
    assert r"votre vol d\xe9coll\xe9 \U0001f600" in done.out


def test_a_directory_whose_name_is_no_utf_8(tmp_path):
    """A name of other bytes is shown with escapes, saved in a plan, and found again by apply."""
    name = os.fsdecode(b"sp\xe9cs")
    specs = project(tmp_path / name, GATE)
    planned = sendspec("plan", name, "--out", "plan.json", where=tmp_path)
    assert planned.code == 0
    assert r'"directory": "sp\udce9cs"' in (tmp_path / "plan.json").read_text()
    assert sendspec("apply", "plan.json", "--auto-approve", where=tmp_path).code == 0
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"
    (specs / "campaigns" / "c0.yaml").write_text("")
    done = sendspec("validate", name, where=tmp_path)
    assert r"sp\udce9cs/campaigns/c0.yaml:1:1: error: the file is empty" in done.err
