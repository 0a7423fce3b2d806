"""A run that is suspended between the check of its intent and the first byte does not post."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec.model import OutcomeReason, RequestState
from sendspec.protocol_limits import INTENT_SECONDS_MAX
from tests.clocks import MovedClock
from tests.processes import clocked_apply
from tests.processes.clones import plain
from tests.processes.truth import TARGET, vendor
from tests.projects import GATE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.processes.truth import Vendor


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[Vendor]:
    with vendor(tmp_path_factory.mktemp("vendor")) as sandbox:
        yield sandbox


def suspended(tmp_path: Path, directory: Path, sandbox: Vendor, wall: float, elapsed: float) -> int:
    """Stop a run during its token call, move its clocks, and let it continue; return its exit code."""
    clock = MovedClock(tmp_path / "clock")
    sandbox.arm("hold", endpoint="token")
    process = clocked_apply.started(directory, tmp_path / "clock")
    sandbox.wait_held(1)
    os.kill(process.pid, signal.SIGSTOP)
    clock.move(wall, elapsed)
    sandbox.release()
    os.kill(process.pid, signal.SIGCONT)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.red_team(7)
@pytest.mark.parametrize(
    ("moved", "window"),
    [
        ((INTENT_SECONDS_MAX + 1, INTENT_SECONDS_MAX + 1), None),
        ((0, INTENT_SECONDS_MAX + 1), None),
        ((INTENT_SECONDS_MAX + 1, 0), None),
        ((200, 200), 150),
    ],
    ids=["suspended", "clock set back since", "clock set forward", "window over"],
)
def test_a_suspended_run_does_not_post(moved, window, sandbox, tmp_path):
    """After SIGCONT the run finds that its time is over by one of the clocks, and records not-sent."""
    before = len(sandbox.accepted())
    spec = GATE
    if window is not None:
        spec += f'    notAfter: "{(datetime.now(UTC) + timedelta(seconds=window)).isoformat()}"\n'
    project = plain(tmp_path, sandbox, spec)
    assert suspended(tmp_path, project.directory, sandbox, *moved) == 6
    assert len(sandbox.accepted()) == before
    [request] = project.requests().values()
    expected = OutcomeReason.INTENT_TOO_OLD if window is None else OutcomeReason.EXPIRED
    assert (request.state, request.reason) == (RequestState.NOT_SENT, expected)


def test_a_run_that_is_suspended_for_a_short_time_posts(sandbox, tmp_path):
    """A suspension of a minute changes nothing."""
    before = len(sandbox.accepted())
    project = plain(tmp_path, sandbox, GATE)
    assert suspended(tmp_path, project.directory, sandbox, 60, 60) == 0
    assert len(sandbox.accepted()) == before + 1
    assert project.run("plan", project.directory, *TARGET, "--detailed-exitcode").code == 0
