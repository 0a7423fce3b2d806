"""SIGINT, SIGTERM and SIGHUP while the vendor holds requests."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.processes.campaigns import jobs, named, notices
from tests.processes.clones import Shared, ended, plain, run, start
from tests.processes.gits import strange_git
from tests.processes.runs import CREDENTIALS, clean_environment, zygote
from tests.processes.truth import TARGET, vendor
from tests.projects import SENDSPEC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.processes.runs import Done, Run
    from tests.processes.truth import Project, Vendor


@pytest.fixture
def sandbox(tmp_path) -> Iterator[Vendor]:
    with vendor(tmp_path / "vendor") as sandbox:
        yield sandbox


def states(project: Project) -> Counter[str]:
    return Counter(request.state.value for request in project.requests().values())


def stopped(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal and wait until the run reports it."""
    process.send_signal(number)
    assert process.stderr is not None
    while b"stopping: " not in process.stderr.readline():
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("kept", ["in files", "on a branch"])
def test_a_signal_lets_what_is_in_flight_end(kept, number, sandbox, tmp_path) -> None:
    """Four requests in flight are awaited and recorded, six with an intent are not sent: exit 1."""
    campaign = named(notices(12), "Acme here")
    if kept == "in files":
        project = plain(tmp_path, sandbox, campaign, concurrency=4)
    else:
        project = Shared(tmp_path, sandbox, campaign, concurrency=4).clone()
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
    assert "4 requests sent, 6 not sent, 0 unknown, 2 not started" in done.err
    assert json.loads(receipt.read_text())["exitCode"] == 1
    assert states(project) == {"sent": 4, "not-sent": 6}
    project.check()
    assert project.settle() == 0


def test_a_signal_at_the_last_requests_leaves_nothing_over(sandbox, tmp_path) -> None:
    """If every request is in flight already, the run ends as without a signal."""
    project = plain(tmp_path, sandbox, named(notices(2), "Acme here"), concurrency=2)
    sandbox.arm("hold", times=2)
    process = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.wait_held(2)
    stopped(process, signal.SIGINT)
    sandbox.release()
    assert ended(process).code == 0
    project.check_done()


def test_a_terminal_that_is_closed_is_one_signal(sandbox, tmp_path) -> None:
    """The system and the shell each send SIGHUP, and requests in flight are still awaited."""
    project = plain(tmp_path, sandbox, named(notices(12), "Acme here"))
    sandbox.arm("hold", times=4)
    process = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.wait_held(4)
    stopped(process, signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    sandbox.release()
    assert ended(process).code == 1
    assert states(project) == {"sent": 4, "not-sent": 6}


def test_nohup_lets_a_run_go_on(sandbox, tmp_path) -> None:
    """A run under nohup outlives its terminal."""
    project = plain(tmp_path, sandbox, named(notices(12), "Acme here"))
    sandbox.arm("hold", times=4)
    command = ["nohup", SENDSPEC, "apply", str(project.directory), *TARGET, "--auto-approve"]
    process = subprocess.Popen(
        command,
        env=clean_environment(**CREDENTIALS),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    sandbox.wait_held(4)
    process.send_signal(signal.SIGHUP)
    sandbox.release()
    assert ended(process).code == 0
    project.check_done()


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", [True, False], ids=["accepted", "undecided"])
def test_a_second_signal_ends_the_run_at_once(after, second, sandbox, tmp_path) -> None:
    """The second signal leaves the requests in flight unknown (exit 7), and a person resolves them."""
    project = plain(tmp_path, sandbox, named(notices(12), "Acme here"), concurrency=4)
    sandbox.arm("hold", times=4, after=after)
    process = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.wait_held(4)
    stopped(process, signal.SIGINT)
    process.send_signal(second)
    done = ended(process)
    assert done.code == 7, done
    unknown = project.unknown()
    # Requests with an intent and no post are among them if the second signal comes immediately.
    assert 4 <= len(unknown) <= 10
    assert "hint: resolve each unknown request" in done.err
    sandbox.release()
    project.check()
    assert project.settle() == len(unknown)


def test_a_signal_ends_a_wait_for_another_try(sandbox, tmp_path) -> None:
    """A run that waits for a busy vendor records that it did not send, and ends."""
    project = plain(tmp_path, sandbox, named(jobs(2), "Acme here"), concurrency=2)
    sandbox.arm("busy", times=None)
    process = start("apply", project.directory, *TARGET, "--auto-approve", where=tmp_path)
    while not sandbox.http.get("/sandbox/stats").json()["received"].get("contact-source"):
        pass
    stopped(process, signal.SIGTERM)
    assert ended(process).code == 1
    assert states(project) == {"not-sent": 2}
    sandbox.http.delete("/sandbox/faults")
    assert project.settle() == 0


def answered(answer: Callable[[Run], None], sandbox, tmp_path) -> Done:
    """Check that an apply with this answer to its question sends nothing, and writes that to its receipt."""
    project = plain(tmp_path, sandbox, named(notices(2), "Acme here"))
    receipt = tmp_path / "receipt.json"
    asking = zygote().start("apply", project.directory, *TARGET, "--receipt", receipt, where=tmp_path)
    asking.begin()
    assert asking.asked()
    answer(asking)
    done = asking.end()
    receipt_value = json.loads(receipt.read_text())
    assert (done.code, receipt_value["exitCode"], receipt_value["requests"]) == (1, 1, [])
    assert f"error: {receipt_value['errors'][0]['message']}\n" in done.err
    assert states(project) == {}
    assert project.run("plan", project.directory, *TARGET, "--detailed-exitcode").code == 2
    return done


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_the_question_sends_nothing(number, sandbox, tmp_path) -> None:
    """A signal during the question, or a closed terminal, is not an approval."""
    done = answered(lambda asking: os.kill(asking.pid, number), sandbox, tmp_path)
    assert done.err.endswith(": \nerror: interrupted before approval\nnothing was sent\n")


ANSWERS = {
    "no": lambda asking: asking.answer("no"),
    "no text": lambda asking: asking.type(b"\xff\xfe\n"),
    "Ctrl-D": lambda asking: asking.type(b"\x04"),
    "Ctrl-D in the middle": lambda asking: asking.type(b"ye\x04\x04"),
    "a terminal that is closed": lambda asking: asking.hang_up(),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_anything_but_yes_sends_nothing(answer, sandbox, tmp_path) -> None:
    """No other answer is an approval."""
    answered(answer, sandbox, tmp_path)


def keep_one_send(project: Project) -> None:
    """Leave one send in the specs; those that left have the same text, which its rule would report."""
    campaign, settings = project.directory / "campaigns" / "c0.yaml", project.directory / "sendspec.yaml"
    campaign.write_text(re.sub(r"gate: \[.*\]", "gate: [B3]", campaign.read_text()))
    settings.write_text(f"{settings.read_text()}rules: {{renamed-send: off}}\n")


def test_a_signal_between_two_decisions_is_not_forgotten(sandbox, tmp_path) -> None:
    """A signal that comes while a run reads the ledger again after a lost race stops the run."""
    shared = Shared(tmp_path, sandbox, named(notices(20), "Acme here"))
    early, late = shared.clone(), shared.clone()
    keep_one_send(late)
    sandbox.arm("hold", times=4)
    terminate = "kill -TERM $PPID"
    # The first fetch reads the ledger, the second checks a push, the third finds the other run's commit.
    with strange_git(tmp_path / "bin", 4, terminate, command="fetch") as strange:
        process = subprocess.Popen(
            [SENDSPEC, "apply", str(early.directory), *TARGET, "--auto-approve"],
            env=clean_environment(**CREDENTIALS, **strange.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        sandbox.wait_held(4)
        run("apply", late.directory, *TARGET, "--auto-approve", where=tmp_path)
        sandbox.release()
        done = ended(process)
    assert done.code == 1, done
    assert done.err.count("stopping: ") == 1
    sent = len(sandbox.accepted())
    assert 4 <= sent < 20
    early.check()


@pytest.mark.parametrize("end", ["SIGINT", "no"])
def test_a_second_question_after_a_lost_race_can_end_the_run(end, sandbox, tmp_path) -> None:
    """The receipt has what was sent before the second question, and the exit code follows from it."""
    shared = Shared(tmp_path, sandbox, named(notices(20), "Acme here"))
    early, late = shared.clone(), shared.clone()
    keep_one_send(late)
    receipt = tmp_path / "receipt.json"
    sandbox.arm("drop-after")
    sandbox.arm("hold", times=4)
    asking = zygote().start("apply", early.directory, *TARGET, "--receipt", receipt, where=tmp_path)
    asking.begin()
    assert asking.asked()
    asking.answer("yes")
    sandbox.wait_held(4)
    run("apply", late.directory, *TARGET, "--auto-approve", where=tmp_path)
    sandbox.release()
    assert asking.asked(times=2)
    if end == "no":
        asking.answer("no")
    else:
        os.kill(asking.pid, signal.SIGINT)
    done = asking.end()
    receipt_value = json.loads(receipt.read_text())
    found = Counter(request["state"] for request in receipt_value["requests"])
    assert (done.code, receipt_value["exitCode"], found["unknown"]) == (7, 7, 1)
    assert found["sent"] >= 4
    assert states(early) == {**found, "sent": found["sent"] + 1}
    early.check()
