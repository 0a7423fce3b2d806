"""Standard streams that are closed, full, closed by their reader, or too narrow: never a traceback."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.processes.runs import Done, clean_environment
from tests.projects import GATE, SENDSPEC, as_marketing, lockfile, project
from tests.sandboxed import sandboxed

if TYPE_CHECKING:
    from pathlib import Path

MARKETING = as_marketing(GATE)
NO_SPACE = "No space left on device"


def shell(command: str, where: Path, **environment: str) -> Done:
    """Run a command line of bash with the installed sendspec."""
    done = subprocess.run(
        ["bash", "-c", command.replace("sendspec", SENDSPEC, 1)],
        cwd=where,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def unread(*words: str, where: Path) -> Done:
    """Run a command with a pipe without a reader as standard output."""
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as pipe:
        done = subprocess.run(
            [SENDSPEC, *words], cwd=where, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
        )
    return Done(done.returncode, "", done.stderr)


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def buffering(request) -> dict[str, str]:
    """Return an environment with or without PYTHONUNBUFFERED, which many containers set."""
    return {"PYTHONUNBUFFERED": request.param}


PRINT = (
    "--help",
    "--version",
    "plan --help",
    "plan",
    "plan --format json --detailed-exitcode",
    "validate --format json",
    "render",
    "rules",
    "explain batching",
    "schema campaign",
    "sandbox",
)


@pytest.mark.parametrize("words", PRINT)
def test_a_full_disk(words, buffering, tmp_path):
    """Output that cannot be printed is one error line and exit code 1."""
    project(tmp_path / "specs", GATE)
    done = shell(f"sendspec {words} >/dev/full", tmp_path, **buffering)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith("error: ")
    assert done.err.endswith(f": {NO_SPACE}\n")


def test_a_full_disk_under_the_log(buffering, tmp_path):
    """If the log cannot be written, everything is still sent and recorded."""
    specs = project(tmp_path / "specs", GATE)
    assert shell("sendspec apply --auto-approve 2>/dev/full", tmp_path, **buffering).code == 0
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"
    assert shell("sendspec apply --nonsense 2>/dev/full", tmp_path, **buffering).code == 64


@pytest.mark.parametrize("approved", ["--auto-approve", ""])
def test_a_plan_that_cannot_be_printed_is_not_sent(approved, buffering, tmp_path):
    """Even advance approval does not send it, because it cannot be compared with the reviewed plan."""
    specs = project(tmp_path / "specs", GATE)
    done = shell(f"sendspec apply {approved} --receipt receipt.json >/dev/full", tmp_path, **buffering)
    assert done.code == 1
    assert done.err == (
        f"error: cannot show the plan: cannot write to standard output: {NO_SPACE}\n"
        "  hint: read the output to its end, or redirect it to a file\nnothing was sent\n"
    )
    assert json.loads((tmp_path / "receipt.json").read_text())["exitCode"] == 1
    assert not (specs / "sendspec.sandbox.lock").exists()


@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_closed_streams(closed, buffering, tmp_path):
    """A closed stream becomes the null device: all is sent and recorded, in valid files."""
    specs = project(tmp_path / "specs", GATE)
    done = shell(f"sendspec apply --auto-approve {closed}", tmp_path, **buffering)
    assert done.code == 0
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"
    assert not (specs / "sendspec.sandbox.journal").exists()
    written = b"".join(path.read_bytes() for path in specs.rglob("*") if path.is_file())
    assert b"gate/change#1  transaction" not in written
    assert b"1 request sent" not in written


@pytest.mark.parametrize("shown", [">&-", ">/dev/null"])
def test_a_plan_that_is_not_shown_cannot_be_approved(shown, tmp_path):
    """If the plan goes to the null device, `apply` does not even ask a person on a terminal."""
    specs = project(tmp_path / "specs", GATE)
    mine, theirs = pty.openpty()
    with os.fdopen(theirs, "rb") as terminal:
        done = subprocess.run(
            ["bash", "-c", f"exec {SENDSPEC} apply {shown}"],
            cwd=tmp_path,
            stdin=terminal,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    os.close(mine)
    assert done.returncode == 1
    assert "error: cannot ask for approval: the plan was not shown\n" in done.stderr
    assert "Send this?" not in done.stderr
    assert not (specs / "sendspec.sandbox.lock").exists()


EXIT_CODES = {
    ("plan", "--detailed-exitcode"): 2,
    ("plan",): 0,
    ("plan", "--format", "json", "specs/refused"): 3,
    ("validate", "specs/refused"): 3,
    ("render",): 0,
    ("rules",): 0,
    ("schema", "plan"): 0,
}


@pytest.mark.parametrize("words", EXIT_CODES, ids=" ".join)
def test_a_reader_that_closed_the_pipe(words, tmp_path):
    """After `| head` the verb ends without a message and with its usual exit code."""
    project(tmp_path / "specs", GATE)
    project(tmp_path / "specs" / "refused", MARKETING)
    done = unread(*words, where=tmp_path)
    assert done.code == EXIT_CODES[words]
    assert [line for line in done.err.splitlines() if " finding" not in line] == []


def test_a_reader_that_closes_the_pipe_before_the_end_of_the_plan(buffering, tmp_path):
    """The plan is larger than a pipe, its reader closes the pipe early, and nothing is sent."""
    long = GATE.replace("your flight", "x" * 700)
    specs = project(tmp_path / "specs", *(long.replace("gate\n", f"gate-{i}\n") for i in range(250)))
    command = 'sendspec apply --auto-approve | head -c 9; exit "${PIPESTATUS[0]}"'
    done = shell(command, tmp_path, **buffering)
    assert (done.code, done.out) == (1, "Ready: 24")
    assert done.err == (
        "error: cannot show the plan: the reader closed the pipe\n"
        "  hint: read the output to its end, or redirect it to a file\nnothing was sent\n"
    )
    assert not (specs / "sendspec.sandbox.lock").exists()


def test_a_reader_that_closes_the_pipe_after_the_plan(tmp_path):
    """The approved plan is sent completely and recorded."""
    with sandboxed(tmp_path / "specs", GATE) as client:
        client.arm("hold", endpoint="external-consent")
        run = subprocess.Popen(
            [SENDSPEC, "apply", "--auto-approve"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with run:
            while not run.stdout.readline().startswith("Digest: "):
                pass
            run.stdout.close()
            client.wait_held(1)
            client.release()
            log = run.stderr.read()
        assert run.returncode == 0
    assert "1 request sent, 0 not sent, 0 unknown\n" in log
    assert lockfile(tmp_path / "specs")["sends"]["gate/change"]["requests"][0]["state"] == "sent"


def test_a_log_without_a_reader(buffering, tmp_path):
    """The approved plan is sent and recorded, although the reader of the log has ended."""
    specs = project(tmp_path / "specs", GATE)
    command = "{ sendspec apply --auto-approve >plan.txt; } 2> >(exec true); wait"
    assert shell(command, tmp_path, **buffering).code == 0
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"


def test_an_encoding_that_lacks_characters(tmp_path):
    """Characters that the terminal's encoding lacks are shown as escapes."""
    project(tmp_path / "specs", GATE.replace("your flight", "votre vol décollé 😀"))
    # The interpreter reads this variable when it starts, so a forked process would not do.
    environment = clean_environment(PYTHONIOENCODING="ascii")
    done = subprocess.run([SENDSPEC, "plan"], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"votre vol d\xe9coll\xe9 \U0001f600" in done.stdout
