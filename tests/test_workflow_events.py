"""What happens to runs of the workflows: cancellations, lost machines, other runs, and a hostile repository.

Each scenario compares what the vendor accepted with what the ledger has. `test_workflow_runs.py` has the
ordinary runs.
"""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sendspec.cli._lib.context import ledger_for, open_project
from sendspec.model import RequestState
from sendspec.sandbox import SandboxServer
from sendspec.structs import replace
from tests.ledger_gate import LedgerGate, protect
from tests.ledgers import git
from tests.oracles.runner import read_log
from tests.processes.campaigns import notices
from tests.processes.truth import Vendor
from tests.projects import CONTACTS, GATE, TEASER, people, sendspec
from tests.rehearsal.git_server import GitServer
from tests.runner import Machine
from tests.sandbox_client import SandboxClient
from tests.test_hostile_formats import HIDDEN, READERS, SPEC, TEXT
from tests.test_workflow_runs import APPLY, CONTEXT, TARGET, Hosted
from tests.workflows import SCRIPTS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping

    from tests.workflow_run import WorkflowRun


@pytest.fixture
def hosted(tmp_path) -> Iterator[Hosted]:
    """Yield a repository with a ledger and one send in its specs."""
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        repository = Hosted(tmp_path, client)
        repository.commit(GATE)
        assert sendspec("init", "--ledger", *TARGET, where=repository.clone).code == 0
        yield repository


SPRING, SUMMER = TEASER, TEASER.replace("spring", "summer")


@dataclass(frozen=True)
class Balance:
    """Requests that the vendor accepted, and those of the ledger by state."""

    accepted: int
    sent: int
    not_sent: int = 0
    unknown: int = 0


def balance(hosted: Hosted) -> Balance:
    """Compare vendor and ledger, and return their counts.

    No request was accepted twice. Each one that the ledger has as sent was accepted under its id, and each
    accepted one is sent or not yet known.
    """
    accepted = Vendor(hosted.vendor.base_url, hosted.vendor).accepted()
    assert len({json.dumps([one["path"], one["body"]]) for one in accepted}) == len(accepted)
    specs, target = open_project(str(hosted.clone / "specs"), "production")
    records = ledger_for(specs, target).read().sends.values()
    requests = [request for record in records for request in record.requests]
    known = [str(one.job_id or one.transaction_id) for one in requests if one.state is RequestState.SENT]
    counts = {state: sum(one.state is state for one in requests) for state in RequestState}
    unknown = counts[RequestState.INTENT] + counts[RequestState.UNKNOWN]
    others = {str(one["id"]) for one in accepted} - set(known)
    assert len(set(known)) == len(known) == len(accepted) - len(others)
    assert len(others) <= unknown
    return Balance(len(accepted), len(known), counts[RequestState.NOT_SENT], unknown)


def planned(hosted: Hosted, *campaigns: str) -> WorkflowRun:
    """Push campaigns, and return a run of apply after its first job."""
    hosted.commit(*campaigns)
    return hosted.apply().run("plan")


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    """Read the log of a process up to a line with this text."""
    while text not in (line := process.stdout.readline()):
        assert line, f"the step ended without: {text}"


def settle(hosted: Hosted, address: str, *how: str) -> None:
    """Record the outcome of a request as a person does who has looked at the vendor."""
    code, err = hosted.resolve(address, *how, "--reason", "vendor's reports", "--run-is-gone")
    assert code == 0, err


# Cancellation: the runner signals the first process of the step with INT, after 7.5 s TERM, after 2.5 s KILL.


def test_a_cancelled_run_that_waits_for_an_answer_ends_before_the_kill(hosted):
    """INT waits for the request in flight; TERM records it as unknown, and the other one is not started."""
    job = planned(hosted, notices(2)).start("apply")
    hosted.vendor.arm("hold")
    with job.started("Run apply") as process:
        hosted.vendor.wait_held(1)
        job.is_cancelled = True
        process.send_signal(signal.SIGINT)
        wait_for(process, "stopping: ")
        process.send_signal(signal.SIGTERM)
        process.wait()
    hosted.vendor.release()
    assert job.code == 7, job.output
    assert "❓" in job.machine.summary.read_text()
    assert balance(hosted) == Balance(accepted=1, sent=0, not_sent=1, unknown=1)
    assert hosted.apply().run(*APPLY).codes == {"plan": 3, "apply": 7}
    assert balance(hosted) == Balance(accepted=2, sent=1, unknown=1)
    (answered,) = [one["id"] for one in hosted.vendor.received() if "B0" in one["body"]["content"]]
    settle(hosted, "gate/change[B0]#1", "--sent", answered)
    assert balance(hosted) == Balance(accepted=2, sent=2)


def test_a_run_that_is_killed_while_it_pushes_leaves_the_push_to_git(hosted):
    """KILL reaches only sendspec, so git ends the push, and the next run finds the outcome."""
    job = planned(hosted, GATE).start("apply")
    hosted.vendor.arm("hold")
    with job.started("Run apply") as process:
        hosted.vendor.wait_held(1)
        gate = LedgerGate(hosted.remote, "pre-receive")
        hosted.vendor.release()
        gate.wait()
        job.is_cancelled = True
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            process.send_signal(number)
        process.wait()
    assert balance(hosted) == Balance(accepted=1, sent=0, unknown=1)
    gate.open_and_wait_for_the_update()
    assert balance(hosted) == Balance(accepted=1, sent=1)
    assert "sendspec ended without a receipt" in job.machine.summary.read_text()
    assert hosted.apply().run(*APPLY).codes == {"plan": 0}


def test_a_machine_that_is_lost_between_intent_and_request_sends_nothing(hosted):
    """The intent is on the branch and no request left; a person records that, and the next run sends it."""
    job = planned(hosted, GATE).start("apply")
    gate = LedgerGate(hosted.remote, "post-receive")
    with job.started("Run apply"):
        gate.wait()
    gate.open()
    assert balance(hosted) == Balance(accepted=0, sent=0, unknown=1)
    settle(hosted, "gate/change#1", "--not-sent")
    assert hosted.apply().run(*APPLY).codes == {"plan": 0, "apply": 0}
    assert balance(hosted) == Balance(accepted=1, sent=1)


# Several runs.


def test_one_job_that_runs_twice_sends_once(hosted):
    """The second machine has the same plan, finds the intent of the first one, and sends nothing."""
    run = planned(hosted, notices(2))
    first = run.start("apply")
    hosted.vendor.arm("hold")
    with first.started("Run apply") as process:
        hosted.vendor.wait_held(1)
        second = run.start("apply").run()
        assert second.code != 0
        hosted.vendor.release()
        process.wait()
    assert first.code == 0, first.output
    assert balance(hosted) == Balance(accepted=2, sent=2)


def test_two_merges_are_two_runs_whose_work_is_done_once(hosted):
    """Both planned before either sent; the plan of the older commit is out of date."""
    one = planned(hosted, GATE)
    two = planned(hosted, GATE, SPRING)
    assert one.run("apply").codes["apply"] == 4
    assert two.run("apply").codes["apply"] == 0
    assert balance(hosted) == Balance(accepted=2, sent=2)
    assert one.again(*APPLY).results == {"plan": "success", "apply": "skipped"}
    assert balance(hosted) == Balance(accepted=2, sent=2)


def test_a_later_run_does_the_work_of_one_that_was_evicted(hosted):
    """While a run sends, two more wait and the newer one evicts the older; no send is lost or revived."""
    job = planned(hosted, GATE).start("apply")
    hosted.vendor.arm("hold")
    with job.started("Run apply") as process:
        hosted.vendor.wait_held(1)
        hosted.commit(GATE, SPRING, SUMMER.replace("teaser", "withdrawn"))  # Its run waits, and is evicted.
        hosted.commit(GATE, SPRING, SUMMER)
        hosted.vendor.release()
        process.wait()
    assert job.code == 0, job.output
    assert hosted.apply().run(*APPLY).codes == {"plan": 0, "apply": 0}
    assert balance(hosted) == Balance(accepted=3, sent=3)
    assert hosted.accepted()[1:] == ["spring-teaser", "summer-teaser"]


# The branch of the ledger.


def test_a_protected_ledger_branch_sends_nothing(hosted):
    """The intent is refused, so the request is not posted, and the summary says so."""
    protect(hosted.remote)
    run = planned(hosted, GATE).run("apply")
    assert run.codes["apply"] == 1, run.jobs["apply"].output
    assert "check that no protection rule covers the branch" in run.jobs["apply"].output
    assert "## ⛔ Not sent: 0 of 2 recipients accepted" in run.jobs["apply"].machine.summary.read_text()
    assert balance(hosted) == Balance(accepted=0, sent=0)


class Cloned(Machine):
    """A machine whose checkout has the address of a git server instead of a folder."""

    def checkout(self, ref: str, values: Mapping[str, str]) -> None:
        super().checkout(ref, values)
        url = f"{self.context['github.server_url']}/{self.remote.name}"
        git("remote", "set-url", "origin", url, where=self.workspace)


def test_an_outcome_that_cannot_be_pushed_is_in_the_log(hosted, tmp_path):
    """The token of the job ends between intent and outcome; the log of the job settles the request."""
    token = CONTEXT["github.token"]
    with GitServer(hosted.remote.parent, {token: True, "of-a-person": True}) as server:
        address = f"{server.url}/{hosted.remote.name}".replace("//", "//x:of-a-person@", 1)
        git("remote", "set-url", "origin", address, where=hosted.clone)
        assert sendspec("ledger", "adopt", "specs", *TARGET, where=hosted.clone).code == 0
        hosted.commit(GATE)
        run = hosted.apply(**{"github.server_url": server.url})
        run.new_machine = lambda artifacts, context: as_cloned(hosted.machine(artifacts, context))
        job = run.run("plan").start("apply")
        hosted.vendor.arm("hold")
        with job.started("Run apply") as process:
            hosted.vendor.wait_held(1)
            del server.may_write[token]
            hosted.vendor.release()
            process.wait()
        assert job.code == 7, job.output
        assert balance(hosted) == Balance(accepted=1, sent=0, unknown=1)
        (tmp_path / "run.log").write_text(job.output)
        code, err = hosted.resolve("--from-log", str(tmp_path / "run.log"))
        assert (code, "settled 1 from" in err) == (0, True), err
        assert balance(hosted) == Balance(accepted=1, sent=1)


def as_cloned(machine: Machine) -> Cloned:
    return Cloned(machine.temp, machine.workspace, machine.context, machine.artifacts, machine.remote)


def test_a_ledger_branch_that_is_deleted_after_the_approval_is_not_an_empty_one(hosted):
    """A missing branch is an error; after it is restored, the same plan is applied."""
    run = planned(hosted, GATE, SPRING)
    tip = git("ls-remote", "origin", "sendspec-state", where=hosted.clone).split()[0]
    git("fetch", "--quiet", "origin", "sendspec-state", where=hosted.clone)
    git("push", "--quiet", "--delete", "origin", "sendspec-state", where=hosted.clone)
    assert run.run("apply").codes["apply"] == 1
    assert hosted.apply().run(*APPLY).codes == {"plan": 1}
    assert hosted.accepted() == []
    git("push", "--quiet", "origin", f"{tip}:refs/heads/sendspec-state", where=hosted.clone)
    assert run.again("apply").codes["apply"] == 0
    assert balance(hosted) == Balance(accepted=2, sent=2)


def test_a_ledger_branch_that_is_moved_back_after_the_approval_sends_nothing(hosted):
    """The plan no longer fits the ledger; with `from`, later runs notice it as well."""
    git("fetch", "--quiet", "origin", "sendspec-state", where=hosted.clone)
    created = git("rev-parse", "FETCH_HEAD", where=hosted.clone)
    assert hosted.apply().run(*APPLY).codes == {"plan": 0, "apply": 0}
    tip = git("ls-remote", "origin", "sendspec-state", where=hosted.clone).split()[0]
    run = planned(hosted, GATE, SPRING)
    git("push", "--quiet", "--force", "origin", f"{created}:sendspec-state", where=hosted.clone)
    assert run.run("apply").codes["apply"] == 4
    assert len(hosted.accepted()) == 1
    settings = hosted.clone / "specs" / "sendspec.yaml"
    ledger = f"ledger: {{type: git, from: {tip}}}"
    settings.write_text(settings.read_text().replace("ledger: git", ledger))
    git("commit", "--quiet", "--all", "--message=from", where=hosted.clone)
    git("push", "--quiet", "origin", "HEAD:main", where=hosted.clone)
    assert hosted.apply().run(*APPLY).codes == {"plan": 1}
    git("fetch", "--quiet", "origin", "sendspec-state", where=hosted.clone)
    assert len(hosted.accepted()) == 1


# Credentials and time.


def test_an_access_token_that_expires_between_two_requests_is_renewed(hosted):
    """The second request is refused with 401, and is sent with a new token."""
    run = planned(hosted, notices(2))
    hosted.vendor.arm("expire-tokens", skip=1)
    assert run.run("apply").codes["apply"] == 0, run.jobs["apply"].output
    assert balance(hosted) == Balance(accepted=2, sent=2)


def test_a_refresh_token_that_is_revoked_between_two_requests_stops_the_run(hosted):
    """The second request is not sent; a run with the new secret sends it."""
    job = planned(hosted, notices(2)).start("apply")
    hosted.vendor.arm("hold")
    with job.started("Run apply") as process:
        hosted.vendor.wait_held(1)
        hosted.vendor.arm("expire-tokens", skip=0)
        hosted.vendor.patch("/sandbox/behaviour", json={"refreshToken": "the-next-one"})
        hosted.vendor.release()
        process.wait()
    assert job.code in (1, 6), job.output
    assert balance(hosted) == Balance(accepted=1, sent=1, not_sent=balance(hosted).not_sent)
    renewed = {"secrets.SENDSPEC_REFRESH_TOKEN": "the-next-one"}
    assert hosted.apply(**renewed).run(*APPLY).codes == {"plan": 0, "apply": 0}
    assert balance(hosted) == Balance(accepted=2, sent=2)


def test_a_list_that_changes_after_the_approval_is_not_sent(hosted):
    """A person who was added to the list is in the plan of the next attempt only."""
    (hosted.clone / "specs" / "contacts" / "people.csv").write_text(people(3))
    run = planned(hosted, CONTACTS)
    (hosted.clone / "specs" / "contacts" / "people.csv").write_text(people(4))
    git("commit", "--quiet", "--all", "--message=one more", where=hosted.clone)
    git("push", "--quiet", "origin", "HEAD:main", where=hosted.clone)
    assert run.run("apply").codes["apply"] == 4
    assert balance(hosted) == Balance(accepted=0, sent=0)
    assert run.again(*APPLY).codes == {"plan": 0, "apply": 0}
    assert [len(one["body"]["contacts"]) for one in hosted.vendor.received()] == [4]
    assert balance(hosted) == Balance(accepted=1, sent=1)


# The system's clock of a process, moved without root and without a change of sendspec.
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed; .ci/run installs it")
@pytest.mark.parametrize("expires", [True, False])
def test_a_plan_that_is_approved_days_later(expires, hosted, tmp_path):
    """An approval after `notAfter` sends nothing; without a change since, the plan is still applied."""
    until = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    run = planned(hosted, f'{GATE}    notAfter: "{until}"\n' if expires else GATE)
    later = tmp_path / "sendspec-in-three-days"
    later.write_text(f'#!/bin/sh\nLD_PRELOAD={FAKETIME} FAKETIME=+3d exec {SCRIPTS / "sendspec"} "$@"\n')
    later.chmod(0o755)
    run.new_machine = lambda artifacts, context: replace(hosted.machine(artifacts, context), command=later)
    assert run.run("apply").codes["apply"] == (4 if expires else 0), run.jobs["apply"].output
    sent = 0 if expires else 1
    assert balance(hosted) == Balance(accepted=sent, sent=sent)
    assert run.again(*APPLY).results == {"plan": "success", "apply": "skipped"}


# A pull request of a fork.


def test_a_hostile_pull_request_of_a_fork_gets_a_plan_and_nothing_else(hosted):
    """Names, texts and values are text in log, annotations, summary and files; the job has no secret."""
    before = (hosted.refs(), hosted.vendor.stats())
    specs = hosted.clone / "specs"
    name = "##[error]@hostile <img> ![a](b).csv"
    (specs / "contacts" / name).write_text(f"phone,{TEXT}\n12125550147,\x1b[31m{TEXT}\n4711,\n")
    campaign = SPEC.format(name="c", text=json.dumps(TEXT), list=json.dumps(f"../contacts/{name}"))
    (specs / "campaigns" / "::error::@hostile <img>.yaml").write_text(campaign)
    git("add", "--all", where=hosted.clone)
    git("commit", "--quiet", "--message=::error::hostile", where=hosted.clone)
    git("push", "--quiet", "origin", "HEAD:refs/pull/9/merge", where=hosted.clone)
    head = git("rev-parse", "HEAD", where=hosted.clone)
    event = {
        "github.event.pull_request.number": "9",
        "github.event.pull_request.head.sha": head,
        "github.event.pull_request.head.repo.full_name": "fork/specs",
    }
    secrets = {name: "" for name in CONTEXT if name.startswith("secrets.")}
    run = hosted.run_of("plan", "pull_request", "refs/pull/9/merge", head, **event, **secrets).run()
    job = run.jobs["plan"]
    assert (job.code, run.results["comment"]) == (3, "skipped"), job.output
    *logs, annotations = job.log
    assert {command.name for command in read_log("".join(logs))} == {"stop-commands"}
    assert not HIDDEN.search(job.output)
    READERS["github"](annotations)
    READERS["markdown"](job.machine.summary.read_text())
    files = run.artifacts / job.outputs["artifact"]
    for kind, file in {"json": "json", "sarif": "sarif", "markdown": "md", "html": "html"}.items():
        READERS[kind]((files / f"plan.{file}").read_text())
    changed = [*before[0].splitlines(), f"{head}\trefs/pull/9/merge"]
    assert (sorted(hosted.refs().splitlines()), hosted.vendor.stats()) == (sorted(changed), before[1])
