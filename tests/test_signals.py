"""SIGINT and SIGTERM while the vendor holds requests: what is in flight is recorded, the rest not begun."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.processes.campaigns import jobs, named, notices
from tests.processes.clones import Shared, ended, plain, start
from tests.processes.runs import Zygote
from tests.processes.truth import TARGET, vendor

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.processes.truth import Project, Vendor


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as zygote:
        yield zygote


@pytest.fixture
def sandbox(tmp_path) -> Iterator[Vendor]:
    with vendor(tmp_path / "vendor") as sandbox:
        yield sandbox


def states(project: Project) -> Counter[str]:
    return Counter(request.state.value for request in project.requests().values())


def stopped(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal and wait until the run says that it has heard it."""
    process.send_signal(number)
    assert process.stderr is not None
    while b"stopping: " not in process.stderr.readline():
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("kept", ["in files", "on a branch"])
def test_a_signal_lets_what_is_in_flight_end(kept, number, zygote, sandbox, tmp_path) -> None:
    """Four in flight are awaited and recorded, six more that were intended are not sent: exit 1."""
    campaign = named(notices(12), "Acme here")
    if kept == "in files":
        project = plain(tmp_path, sandbox, campaign, concurrency=4, runner=zygote.run)
    else:
        project = Shared(tmp_path, sandbox, campaign, concurrency=4, runner=zygote.run).clone()
    sandbox.arm("hold", times=4)
    receipt = tmp_path / "receipt.json"
    process = start(
        "apply", project.directory, *TARGET, "--auto-approve", "--receipt", receipt, where=tmp_path
    )
    sandbox.wait_held(4)
    stopped(process, number)
    sandbox.release()
    done = ended(process)
    assert done.code == 1, done
    assert "4 requests sent, 6 not sent, 0 unknown, 2 not begun" in done.err
    assert json.loads(receipt.read_text())["exitCode"] == 1
    assert states(project) == {"sent": 4, "not-sent": 6}
    project.check()
    assert project.settle() == 0


def test_a_signal_at_the_last_requests_leaves_nothing_over(zygote, sandbox, tmp_path) -> None:
    """Where everything was in flight already, the run ends as if there had been no signal."""
    project = plain(tmp_path, sandbox, named(notices(2), "Acme here"), concurrency=2, runner=zygote.run)
    sandbox.arm("hold", times=2)
    process = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.wait_held(2)
    stopped(process, signal.SIGINT)
    sandbox.release()
    assert ended(process).code == 0
    project.check_done()


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", [True, False], ids=["accepted", "undecided"])
def test_a_second_signal_ends_the_run_at_once(after, second, zygote, sandbox, tmp_path) -> None:
    """Nothing is awaited any more: what is in flight is unknown (exit 7), and the vendor settles it."""
    project = plain(tmp_path, sandbox, named(notices(12), "Acme here"), concurrency=4, runner=zygote.run)
    sandbox.arm("hold", times=4, after=after)
    process = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.wait_held(4)
    stopped(process, signal.SIGINT)
    process.send_signal(second)
    done = ended(process)
    assert done.code == 7, done
    unknown = project.unknown()
    # Those that were intended and never posted are among them where the second signal came at once.
    assert 4 <= len(unknown) <= 10
    assert "hint: settle what is unknown" in done.err
    sandbox.release()
    project.check()
    assert project.settle() == len(unknown)


def test_a_signal_ends_a_wait_for_another_try(zygote, sandbox, tmp_path) -> None:
    """A run that the vendor keeps refusing as busy records that it did not send, and ends."""
    project = plain(tmp_path, sandbox, named(jobs(2), "Acme here"), concurrency=2, runner=zygote.run)
    sandbox.arm("busy", times=None)
    process = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    while not sandbox.http.get("/sandbox/stats").json()["received"].get("contact-source"):
        pass
    stopped(process, signal.SIGTERM)
    assert ended(process).code == 1
    assert states(project) == {"not-sent": 2}
    sandbox.http.delete("/sandbox/faults")
    assert project.settle() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_question_sends_nothing(number, zygote, sandbox, tmp_path) -> None:
    """Whoever interrupts the question has not approved."""
    project = plain(tmp_path, sandbox, named(notices(2), "Acme here"), runner=zygote.run)
    asking = zygote.start("apply", project.directory, *TARGET, where=tmp_path)
    asking.begin()
    assert asking.asked()
    os.kill(asking.pid, number)
    done = asking.end()
    assert done.code == 1
    assert "interrupted before anything was begun" in done.err
    assert states(project) == {}
    assert project.run("plan", project.directory, *TARGET, "--detailed-exitcode").code == 2
