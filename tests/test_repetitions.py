"""A job of unknown outcome is repeated after a minute and within a day."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sendspec.model import OutcomeReason, PlanReason, RequestRecord, RequestState, Target
from sendspec.repeat_window import reason_not_to_repeat, repeat_from, repeat_pause_seconds
from sendspec.report.terminal import plan_text
from sendspec.structs import replace
from tests.clocks import MovedClock
from tests.plans import plan_specs, plan_value, record_of
from tests.processes import clocked_apply
from tests.processes.campaigns import jobs, named
from tests.processes.clones import opened, run, settings_for
from tests.processes.truth import TARGET, vendor
from tests.projects import TEASER, project

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.processes.truth import Project, Vendor


NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def request(age: timedelta, state: RequestState = RequestState.UNKNOWN, **more: Any) -> RequestRecord:
    """Return a request of a job that was recorded some time before `NOW`."""
    reason = OutcomeReason.NO_ANSWER if state is RequestState.UNKNOWN else None
    return RequestRecord(**{"batch": 1, "state": state, "at": NOW - age, "reason": reason, **more})


@pytest.mark.parametrize(
    ("age", "reason", "wait"),
    [
        (timedelta(0), OutcomeReason.NO_ANSWER, MINUTE),
        (timedelta(seconds=50), OutcomeReason.NO_ANSWER, timedelta(seconds=40)),
        (timedelta(seconds=90), OutcomeReason.NO_ANSWER, None),
        (-timedelta(hours=1), OutcomeReason.NO_ANSWER, MINUTE),
        (timedelta(minutes=15), OutcomeReason.RUN_LOST, MINUTE),
        (timedelta(minutes=16), OutcomeReason.RUN_LOST, None),
    ],
    ids=["now", "recently", "long ago", "in the future", "lost", "lost long ago"],
)
def test_a_repetition_waits_for_the_last_attempt(age, reason, wait):
    """It is a minute after the last attempt, or after `now` if only the time of its intent is known."""
    expected = None if wait is None else NOW + wait
    assert repeat_from([request(age, reason=reason)], NOW, 60.0) == expected
    assert repeat_from([request(age, reason=reason)], NOW, 0.0) is None


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (request(timedelta(hours=23)), None),
        (request(timedelta(hours=24)), PlanReason.TOO_OLD_TO_REPEAT),
        (request(MINUTE, since=NOW - timedelta(hours=24)), PlanReason.TOO_OLD_TO_REPEAT),
        (request(14 * MINUTE, RequestState.INTENT, seen_at=NOW), PlanReason.IN_PROGRESS),
        (request(15 * MINUTE, RequestState.INTENT, seen_at=NOW), None),
        (request(MINUTE, RequestState.INTENT), None),
    ],
    ids=["today", "yesterday", "repeated since yesterday", "of a run", "of a lost run", "in files"],
)
def test_reasons_not_to_repeat(record, reason):
    """A job is repeated for a day, and on a branch not while another run may post it."""
    assert reason_not_to_repeat([record], NOW) is reason


def test_only_a_sandbox_is_repeated_immediately():
    """A loopback address can be a tunnel to the vendor, so it needs `sandbox: true`."""
    loopback = Target("vendor", "http://127.0.0.1:9")
    assert repeat_pause_seconds(loopback) == 60.0
    assert repeat_pause_seconds(replace(loopback, sandbox=True)) == 0.0


def test_the_plan_says_from_when_a_job_is_repeated(tmp_path, monkeypatch):
    """The plan as text and as JSON has the time until which apply waits."""
    monkeypatch.chdir(tmp_path)
    project(tmp_path / "specs", TEASER)
    plan = plan_specs({"spring/teaser": record_of(plan_specs(), "spring/teaser", RequestState.UNKNOWN)})
    waiting = replace(plan, actions=tuple(replace(send, repeat_from=NOW) for send in plan.sends))
    assert "apply waits until 12:00:00 UTC, then repeats the same request" in plan_text(waiting)
    [action] = plan_value(waiting)["actions"]
    assert action["repeatFrom"] == "2026-12-01T12:00:00+00:00"
    assert action["text"] == "the request of unknown outcome will be repeated, not before 12:00:00 UTC"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[Vendor]:
    with vendor(tmp_path_factory.mktemp("vendor")) as sandbox:
        yield sandbox


@pytest.fixture
def clock(tmp_path) -> MovedClock:
    return MovedClock(tmp_path / "clock")


@pytest.fixture
def job(sandbox, tmp_path) -> Project:
    """A job for a target that could be a tunnel to the vendor, so that nothing is less strict than there."""
    settings = settings_for(sandbox, "ledger: file").replace(" sandbox: true,", "")
    specs = project(tmp_path / "specs", named(jobs(1), f"Acme {tmp_path.name}"), settings=settings)
    assert run("init", "--ledger", *TARGET, specs, where=tmp_path).code == 0
    return opened(specs, sandbox)


def received(sandbox: Vendor) -> int:
    return int(sandbox.http.get("/sandbox/stats").json()["received"].get("contact-source", 0))


@pytest.mark.red_team(10)
def test_a_job_is_repeated_after_a_minute_and_within_a_day(job, sandbox, clock, tmp_path):
    """A run is killed before its answer; the next ones post again neither too soon nor too late."""

    def start() -> subprocess.Popen[bytes]:
        return clocked_apply.started(job.directory, tmp_path / "clock")

    before = received(sandbox)
    sandbox.arm("hold", after=True)
    lost = start()
    sandbox.wait_held(1)
    lost.kill()
    lost.communicate()
    sandbox.release()
    assert len(job.ids()["spring/teaser[l0]#1"]) == received(sandbox) - before == 1

    early = start()
    assert early.stdout is not None
    assert early.stdout.readline() == b"spring/teaser[l0]#1\n"
    clock.move(59, 59)
    early.send_signal(signal.SIGINT)
    early.communicate()
    assert (early.returncode, received(sandbox) - before) == (7, 1)
    [request] = job.requests().values()
    assert (request.state, request.reason) == (RequestState.UNKNOWN, OutcomeReason.RUN_STOPPED)
    assert request.since is not None

    clock.move(86_400, 86_400)
    late = start()
    late.communicate()
    assert (late.returncode, received(sandbox) - before) == (7, 1)

    clock.move(80_000, 80_000)
    repeated = start()
    repeated.communicate()
    assert (repeated.returncode, received(sandbox) - before) == (0, 2)
    [request] = job.requests().values()
    assert (request.state, request.since) == (RequestState.SENT, None)
    job.check_done()
