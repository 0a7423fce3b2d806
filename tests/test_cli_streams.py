"""Standard streams that are closed, full, left by their reader, or too narrow: never a traceback."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.projects import GATE, SENDSPEC, Done, lockfile, project, sendspec
from tests.sandboxed import sandboxed

if TYPE_CHECKING:
    from pathlib import Path

MARKETING = GATE.replace("transactional", "marketing")
NO_SPACE = "No space left on device"


def shell(command: str, where: Path, **environment: str) -> Done:
    """Run a command line of bash, `sendspec` in it being the installed one."""
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        ["bash", "-c", command.replace("sendspec", SENDSPEC, 1)],
        cwd=where,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def unread(*words: str, where: Path) -> Done:
    """Run a command whose standard output is a pipe that nobody will ever read from."""
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as pipe:
        done = subprocess.run(
            [SENDSPEC, *words], cwd=where, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
        )
    return Done(done.returncode, "", done.stderr)


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def buffering(request) -> dict[str, str]:
    """As a shell starts a process, and as many containers and runners do."""
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
    """What cannot be printed is an error, in one line: the exit code tells a script that data is missing."""
    project(tmp_path / "specs", GATE)
    done = shell(f"sendspec {words} >/dev/full", tmp_path, **buffering)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith("error: ")
    assert done.err.endswith(f": {NO_SPACE}\n")


def test_a_full_disk_under_the_log(buffering, tmp_path):
    """Where nothing takes the log, everything is sent and recorded all the same."""
    specs = project(tmp_path / "specs", GATE)
    assert shell("sendspec apply --auto-approve 2>/dev/full", tmp_path, **buffering).code == 0
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"
    assert shell("sendspec apply --nonsense 2>/dev/full", tmp_path, **buffering).code == 64


@pytest.mark.parametrize("approved", ["--auto-approve", ""])
def test_a_plan_that_cannot_be_printed_is_not_sent(approved, buffering, tmp_path):
    """Not even one that was approved in advance: nobody could see that this is the plan that was reviewed."""
    specs = project(tmp_path / "specs", GATE)
    done = shell(f"sendspec apply {approved} --receipt receipt.json >/dev/full", tmp_path, **buffering)
    assert done.code == 1
    assert done.err == (
        f"error: cannot show the plan: cannot write to standard output: {NO_SPACE}; "
        "nothing of it was sent\n  hint: read the output to its end, or redirect it to a file\n"
    )
    assert json.loads((tmp_path / "receipt.json").read_text())["exitCode"] == 1
    assert not (specs / "sendspec.sandbox.lock").exists()


@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_closed_streams(closed, buffering, tmp_path):
    """A closed stream is one to the null device, as for git: all is sent and recorded, in sound files."""
    specs = project(tmp_path / "specs", GATE)
    done = shell(f"sendspec apply --auto-approve {closed}", tmp_path, **buffering)
    assert done.code == 0
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"
    assert not (specs / "sendspec.sandbox.journal").exists()
    written = b"".join(path.read_bytes() for path in specs.rglob("*") if path.is_file())
    assert b"gate/change#1  transaction" not in written
    assert b"1 request sent" not in written


@pytest.mark.parametrize("shown", [">&-", ">/dev/null"])
def test_nobody_approves_what_is_shown_nowhere(shown, tmp_path):
    """Where the plan goes nowhere, a person on a terminal is not even asked."""
    specs = project(tmp_path / "specs", GATE)
    mine, theirs = pty.openpty()
    with os.fdopen(theirs, "rb") as terminal:
        done = subprocess.run(
            ["bash", "-c", f"exec {SENDSPEC} apply {shown}"],
            cwd=tmp_path,
            env={name: value for name, value in os.environ.items() if name != "CI"},
            stdin=terminal,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    os.close(mine)
    assert done.returncode == 1
    assert "error: cannot ask for approval: the plan was not shown; nothing was sent\n" in done.stderr
    assert "Send this?" not in done.stderr
    assert not (specs / "sendspec.sandbox.lock").exists()


LEFT = {
    ("plan", "--detailed-exitcode"): 2,
    ("plan",): 0,
    ("plan", "--format", "json", "specs/refused"): 3,
    ("validate", "specs/refused"): 3,
    ("render",): 0,
    ("rules",): 0,
    ("schema", "plan"): 0,
}


@pytest.mark.parametrize("words", LEFT, ids=" ".join)
def test_a_reader_that_has_left(words, tmp_path):
    """`| head` has what it wanted: the verb ends without a word, and with the code of what it found."""
    project(tmp_path / "specs", GATE)
    project(tmp_path / "specs" / "refused", MARKETING)
    done = unread(*words, where=tmp_path)
    assert done.code == LEFT[words]
    assert [line for line in done.err.splitlines() if " finding" not in line] == []


def test_a_reader_that_leaves_before_the_end_of_the_plan(buffering, tmp_path):
    """When the reader leaves in the middle of the plan, which no pipe holds whole, nothing is sent."""
    long = GATE.replace("your flight", "x" * 700)
    specs = project(tmp_path / "specs", *(long.replace("gate\n", f"gate-{i}\n") for i in range(250)))
    command = 'sendspec apply --auto-approve | head -c 9; exit "${PIPESTATUS[0]}"'
    done = shell(command, tmp_path, **buffering)
    assert (done.code, done.out) == (1, "Target sa")
    assert done.err.startswith(
        "error: cannot show the plan: the reader closed the pipe; nothing of it was sent\n  hint: "
    )
    assert not (specs / "sendspec.sandbox.lock").exists()


def test_a_reader_that_leaves_after_the_plan(tmp_path):
    """Whoever has read the plan may leave: what was approved is sent to its end, and recorded."""
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
            told = run.stderr.read()
        assert run.returncode == 0
    assert "1 request sent, 0 not sent, 0 unknown\n" in told
    assert lockfile(tmp_path / "specs")["sends"]["gate/change"]["requests"][0]["state"] == "sent"


def test_a_log_that_nobody_reads(buffering, tmp_path):
    """When nobody reads the log any more, what was approved is sent and recorded."""
    specs = project(tmp_path / "specs", GATE)
    command = "{ sendspec apply --auto-approve >plan.txt; } 2> >(exec true); wait"
    assert shell(command, tmp_path, **buffering).code == 0
    assert lockfile(specs)["sends"]["gate/change"]["requests"][0]["state"] == "sent"


def test_an_encoding_that_lacks_characters(tmp_path):
    """What the terminal's encoding cannot show is shown as an escape."""
    project(tmp_path / "specs", GATE.replace("your flight", "votre vol décollé 😀"))
    done = sendspec("plan", where=tmp_path, PYTHONIOENCODING="ascii")
    assert (done.code, done.err) == (0, "")
    assert r"votre vol d\xe9coll\xe9 \U0001f600" in done.out
