"""Ctrl-C during a verb that sends nothing: one line, exit code 1, and received answers are recorded."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.processes.campaigns import named, notices
from tests.processes.clones import plain, start
from tests.processes.runs import zygote
from tests.processes.truth import TARGET, vendor
from tests.projects import project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.processes.runs import Done, Run

TICKS = 3
"""CPU time after which a process has started its verb, because it had imported everything before."""


def used(run: Run) -> int:
    """Return the CPU time of a process so far, in ticks."""
    with open(f"/proc/{run.pid}/stat") as file:  # noqa: PTH123 - not a file on disk
        return int(file.read().rpartition(")")[2].split()[11])


def interrupted(number: signal.Signals, *words: str, where: Path) -> Done:
    """Send a signal to a verb while it works; return how it ended."""
    campaigns = (notices(1000).replace("gate\n", f"gate-{index}\n", 1) for index in range(10))
    project(where / "specs", *campaigns)
    run = zygote().start(*words, where=where)
    before = used(run)
    run.begin()
    while used(run) < before + TICKS:
        pass
    os.kill(run.pid, number)
    return run.end()


@pytest.mark.parametrize("words", [("plan",), ("validate", "--format", "json"), ("render",)], ids=" ".join)
def test_an_interrupted_verb_prints_one_line(words, tmp_path: Path) -> None:
    """A verb that works for some seconds ends with one error line and without partial output."""
    done = interrupted(signal.SIGINT, *words, where=tmp_path)
    assert (done.code, done.out, done.err) == (1, "", "error: interrupted\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_apply_that_is_planning_sends_nothing(number, tmp_path: Path) -> None:
    """The error and the receipt say that nothing was sent."""
    words = ("apply", "--auto-approve", "--receipt", "receipt.json")
    done = interrupted(number, *words, where=tmp_path)
    message = "interrupted"
    assert (done.code, done.out, done.err) == (1, "", f"error: {message}\nnothing was sent\n")
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    assert (receipt["exitCode"], receipt["requests"]) == (1, [])
    assert [error["message"] for error in receipt["errors"]] == [message]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_status_records_its_answers(number, tmp_path: Path) -> None:
    """The ledger has the two answers of five that arrived before the interruption."""
    with vendor(tmp_path / "vendor") as sandbox:
        five = plain(tmp_path, sandbox, named(notices(5), "Acme here"), concurrency=1)
        assert five.apply().code == 0
        sandbox.arm("hold", endpoint="status", skip=2, times=None)
        process = start("status", five.directory, *TARGET, where=tmp_path)
        sandbox.wait_held(1)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        message = "error: interrupted; the ledger has the status of 2 of 5 transactions\n"
        assert (process.returncode, out, err.decode()) == (1, b"", message)
        known = [request.delivery for request in five.requests().values()]
        assert [delivery is not None for delivery in known] == [True, True, False, False, False]
        sandbox.release()
