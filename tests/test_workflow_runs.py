"""Runs of the plan and apply workflows, with the real sendspec, sandbox, remote and checkouts.

Each job has its own machine with a shallow checkout, like that of `actions/checkout`. The machine has no git
configuration and no state of earlier jobs except the remote and the artifacts of its run.
"""

from __future__ import annotations

import json
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from sendspec.sandbox import SandboxServer
from tests.hosted import CONTEXT, TARGET, Hosted
from tests.ledgers import git
from tests.oracles.runner import read_log
from tests.processes.campaigns import notices
from tests.projects import CONTACTS, GATE, TEASER, as_marketing, people, sendspec
from tests.runner import Machine
from tests.sandbox_client import SandboxClient
from tests.workflow_run import WorkflowRun
from tests.workflows import load

if TYPE_CHECKING:
    from collections.abc import Iterator

APPLY = ("plan", "apply")
AGAIN = GATE.replace("gate %%", "another gate %%").replace("- id", "- revision: 2\n    id")


@pytest.fixture
def hosted(tmp_path) -> Iterator[Hosted]:
    """Yield a repository with a ledger and one send in its specs."""
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        repository = Hosted(tmp_path, client)
        repository.commit(GATE)
        assert sendspec("init", "--ledger", *TARGET, where=repository.clone).code == 0
        yield repository


@pytest.fixture
def pull_request(hosted) -> WorkflowRun:
    """Return a run of plan for a pull request that adds a send with three contacts."""
    base = git("rev-parse", "HEAD", where=hosted.clone)
    (hosted.clone / "specs" / "contacts").mkdir(exist_ok=True)
    (hosted.clone / "specs" / "contacts" / "people.csv").write_text(people(3))
    head = hosted.propose(GATE, CONTACTS, ref="refs/heads/change")
    merge = hosted.merge(base, head, "refs/pull/7/merge")
    return hosted.run_of(
        "plan",
        "pull_request",
        "refs/pull/7/merge",
        merge,
        **{
            "github.base_ref": "main",
            "github.event.pull_request.number": "7",
            "github.event.pull_request.head.sha": head,
            "github.event.pull_request.head.repo.full_name": "acme/specs",
        },
    )


# The plan of a pull request.


def test_a_pull_request_is_planned_against_its_base_in_every_format(hosted, pull_request):
    """Log, summary, outputs and artifact have the plan; remote, checkout and vendor are unchanged."""
    before = (hosted.refs(), hosted.vendor.stats())
    job = pull_request.run("plan").jobs["plan"]
    assert (job.code, "Plan: 2 to send" in job.output) == (0, True), job.output
    [artifact] = pull_request.artifacts.iterdir()
    assert artifact.name == "sendspec-plan-production-specs-d32b3c35-1"
    assert sorted(file.name for file in artifact.iterdir()) == [
        "plan.html",
        "plan.json",
        "plan.md",
        "plan.sarif",
    ]
    plan = json.loads((artifact / "plan.json").read_text())
    assert [send["kind"] for send in plan["against"]["sends"]] == ["untouched", "new"]
    assert plan["against"]["name"] == "origin/main"
    assert job.machine.summary.read_text().startswith("<!-- sendspec:production:specs -->\n")
    outputs = {name: job.outputs[name] for name in ("ready", "has-changes", "people", "failure-reason")}
    assert outputs == {"ready": "true", "has-changes": "true", "people": "5", "failure-reason": ""}
    assert job.outputs["digest"] == plan["digest"]
    assert (hosted.refs(), hosted.vendor.stats()) == before
    assert git("status", "--porcelain", "--ignored", where=job.machine.workspace) == ""


def test_findings_of_a_pull_request_fail_it_after_the_upload(hosted):
    """The job exits 3 with annotations, and its page, plan and comment are kept."""
    head = hosted.propose(as_marketing(GATE), ref="refs/heads/other")
    run = hosted.run_of("plan", "pull_request", "refs/heads/other", head)
    job = run.run("plan").jobs["plan"]
    assert job.code == 3
    [command] = [line for line in read_log(job.log[-1]) if line.properties["title"] == "marketing-consent"]
    assert (command.name, command.properties["file"]) == ("error", "specs/campaigns/c0.yaml")
    assert "marketing-consent" in job.machine.summary.read_text()
    assert (run.artifacts / job.outputs["artifact"] / "plan.html").exists()
    assert "marketing-consent" in job.outputs["failure-reason"]


def test_specs_that_cannot_be_read_have_a_summary_and_a_comment(hosted):
    """Without a plan the job exits 1, and summary, comment and page say why."""
    head = hosted.propose("campaign: [", ref="refs/heads/change")
    run = hosted.run_of("plan", "pull_request", "refs/heads/change", head)
    job = run.run("plan").jobs["plan"]
    assert (job.code, job.outputs["ready"], job.outputs["digest"]) == (1, "false", "")
    comment = (run.artifacts / job.outputs["artifact"] / "plan.md").read_text()
    assert "Not ready: 1 problem in the specs" in comment
    assert job.machine.summary.read_text() == comment
    assert read_log(job.log[-1])[0].properties["file"] == "specs/campaigns/c0.yaml"


def test_a_merge_group_is_planned_against_its_own_base(hosted):
    """Its base may be several commits before its head, which the rebase of a queue pushes one by one."""
    base = git("rev-parse", "HEAD", where=hosted.clone)
    hosted.propose(GATE, TEASER, ref="refs/heads/queue")
    head = hosted.propose(GATE, TEASER, TEASER.replace("spring", "autumn"), ref="refs/heads/queue")
    event = {
        "github.event.merge_group.base_sha": base,
        "github.event.merge_group.base_ref": "refs/heads/main",
    }
    run = hosted.run_of("plan", "merge_group", "refs/heads/queue", head, **event).run()
    job = run.jobs["plan"]
    assert job.code == 0, job.output
    plan = json.loads((run.artifacts / job.outputs["artifact"] / "plan.json").read_text())
    assert sorted(send["kind"] for send in plan["against"]["sends"]) == ["new", "new", "untouched"]
    assert run.results["comment"] == "skipped"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"inputs.comment": False}, False),
        ({"inputs.comment": ""}, False),
        ({"github.event.pull_request.head.repo.full_name": "fork/specs"}, False),
        ({"github.event.pull_request.head.repo.full_name": ""}, False),
        ({"github.event_name": "push"}, False),
    ],
)
@pytest.mark.parametrize("result", ["success", "failure"])
def test_only_an_opt_in_of_the_same_repository_gets_a_comment(changes, expected, result, tmp_path):
    """A fork gets none, and neither does a run of another event; a failed plan gets one."""
    event = {
        "github.event_name": "pull_request",
        "github.event.pull_request.head.repo.full_name": "acme/specs",
    }
    run = WorkflowRun("plan", Machine, tmp_path, {**CONTEXT, **event, **changes})
    run.results["plan"] = result
    assert run.should_run("comment") is expected


def test_the_comment_runs_nothing_of_the_pull_request():
    """The job checks out nothing, runs no script of its own, and gets the plan as an artifact."""
    steps = load("plan")["jobs"]["comment"]["steps"]
    uses = [step["uses"].partition("@")[0] for step in steps]
    assert uses == ["actions/download-artifact", "$/.github/actions/sendspec"]
    assert not any("run" in step for step in steps)


# Apply: a saved plan, and a job that applies it.


@pytest.mark.parametrize(
    ("comment", "plan", "apply", "expected"),
    [
        (True, "success", "success", True),
        (True, "failure", "success", True),
        (True, "success", "failure", True),
        (True, "failure", "skipped", True),
        (True, "success", "skipped", False),
        (False, "success", "success", False),
        (False, "failure", "skipped", False),
    ],
)
def test_a_result_is_a_comment_if_the_caller_asks_for_it(comment, plan, apply, expected, tmp_path):
    """A failed plan and a failed apply are on the pull request, too; a run without a due send is not."""
    run = WorkflowRun("apply", Machine, tmp_path, {**CONTEXT, "inputs.comment": comment})
    run.results |= {"plan": plan, "apply": apply}
    assert run.should_run("comment") is expected


def test_apply_sends_the_saved_plan_once_in_several_runs(hosted):
    """Later runs find in the ledger that everything is sent, and ask no reviewer."""
    runs = [hosted.apply().run(*APPLY) for _ in range(2)]
    assert [run.results for run in runs] == [
        {"plan": "success", "apply": "success"},
        {"plan": "success", "apply": "skipped"},
    ]
    assert len(hosted.accepted()) == 1
    plan, apply = (runs[0].jobs[key].machine.summary.read_text() for key in APPLY)
    commit = git("rev-parse", "HEAD", where=hosted.clone)
    assert plan.endswith(
        f"Planned from commit [{commit[:7]}](https://github.com/acme/specs/commit/{commit}).\n"
    )
    assert "## ✅ Sent: 2 of 2 recipients accepted" in apply


def test_a_re_run_sends_nothing_again(hosted):
    """A second attempt of both jobs, or of the second one alone, finds the requests in the ledger."""
    run = hosted.apply().run(*APPLY)
    assert run.again("apply").results["apply"] == "success"
    assert run.again(*APPLY).results == {"plan": "success", "apply": "skipped"}
    assert len(hosted.accepted()) == 1


@pytest.mark.red_team(30)
def test_a_re_run_of_an_old_commit_uses_the_newest_one(hosted):
    """It sends nothing that a later commit removed, and does the work of an evicted run."""
    old = hosted.commit(GATE, TEASER)
    hosted.commit(AGAIN)
    assert hosted.apply(old).run(*APPLY).results["apply"] == "success"
    assert ["another gate" in text for text in hosted.accepted()] == [True]


@pytest.mark.red_team(30)
def test_a_send_that_was_removed_after_the_approval_is_not_sent(hosted):
    """The saved plan is out of date, so the job exits 4, and the summary says what to do."""
    hosted.commit(GATE, TEASER)
    run = hosted.apply().run("plan")
    hosted.commit(GATE)
    assert run.run("apply").codes["apply"] == 4
    assert hosted.accepted() == []
    summary = run.jobs["apply"].machine.summary.read_text()
    assert "## ⛔ Failed, nothing was sent: the saved plan is not the current plan" in summary
    assert "in GitHub Actions, choose Re-run all jobs" in summary
    assert run.again(*APPLY).results == {"plan": "success", "apply": "success"}
    assert len(hosted.accepted()) == 1


def test_a_send_that_became_due_after_the_plan_is_not_sent_unapproved(hosted):
    """A send that waited when the plan was saved makes the plan out of date."""
    waiting = f'{TEASER}    notBefore: "2199-01-01T00:00:00+00:00"\n'
    hosted.commit(GATE, waiting)
    run = hosted.apply().run("plan")
    hosted.commit(GATE, waiting.replace("2199", "2020"))
    assert run.run("apply").codes["apply"] == 4
    assert hosted.accepted() == []


@pytest.mark.red_team(31)
def test_a_replaced_artifact_is_not_applied(hosted):
    """A plan file of another digest than the first job's is refused, even if it is the current plan."""
    run = hosted.apply().run("plan")
    hosted.commit(GATE, TEASER)
    other = hosted.apply().run("plan")
    saved = [one.artifacts / one.jobs["plan"].outputs["artifact"] / "saved-plan.json" for one in (other, run)]
    shutil.copy(*saved)
    assert run.run("apply").codes["apply"] == 4
    assert "but --expect has" in run.jobs["apply"].output
    assert hosted.accepted() == []


def test_secrets_that_the_caller_did_not_pass(hosted):
    """GitHub passes them as empty text; sendspec names them before it sends anything."""
    before = hosted.refs()
    nothing = {name: "" for name in CONTEXT if name.startswith("secrets.")}
    job = hosted.apply(**nothing).run(*APPLY).jobs["apply"]
    message = "SENDSPEC_CLIENT_ID, SENDSPEC_CLIENT_SECRET, SENDSPEC_REFRESH_TOKEN are not set"
    assert (job.code, message in job.output) == (1, True)
    assert "are not set" in job.machine.summary.read_text()
    assert (hosted.refs(), hosted.accepted()) == (before, [])


def test_findings_of_level_error_fail_the_plan_and_ask_no_reviewer(hosted):
    """The first job exits 3, and nothing is sent."""
    hosted.commit(as_marketing(GATE))
    run = hosted.apply().run(*APPLY)
    assert (run.codes, run.results["apply"]) == ({"plan": 3}, "skipped")
    assert "[marketing-consent]" in run.jobs["plan"].output
    assert hosted.accepted() == []


def test_an_unknown_outcome_fails_this_run_and_the_next(hosted):
    """`apply` exits 7 and keeps the receipt; the next plan exits 3, and other sends still go out."""
    hosted.vendor.arm("drop-after", endpoint="external-consent")
    run = hosted.apply().run(*APPLY)
    assert run.codes == {"plan": 0, "apply": 7}
    kept = run.artifacts / "sendspec-receipt-production-specs-d32b3c35-1"
    assert sorted(file.name for file in kept.iterdir()) == ["receipt.md", "sendspec.production.receipt.json"]
    assert "❓" in run.jobs["apply"].machine.summary.read_text()
    again = hosted.apply().run(*APPLY)
    assert (again.codes, again.results["apply"]) == ({"plan": 3}, "skipped")
    hosted.commit(GATE, TEASER)
    assert hosted.apply().run(*APPLY).codes == {"plan": 3, "apply": 7}
    assert len(hosted.accepted()) == 2


def test_a_cancelled_step_records_requests_in_flight(hosted):
    """The run completes the request in flight; only a new plan, not the old one, sends the other one."""
    hosted.commit(notices(2))
    hosted.vendor.arm("hold")
    run = hosted.apply().run("plan")
    job = run.start("apply")
    with job.started("Run apply") as process:
        hosted.vendor.wait_held(1)
        process.send_signal(signal.SIGINT)
        while "stopping: " not in (line := process.stdout.readline()):
            assert process.poll() is None, line
        hosted.vendor.release()
        job.is_cancelled = True
        process.wait(timeout=300)
    assert (job.code, "1 request sent, 1 not sent, 0 unknown" in job.output) == (1, True)
    assert "Sent in part" in job.machine.summary.read_text()
    assert (run.artifacts / "sendspec-receipt-production-specs-d32b3c35-1").is_dir()
    assert run.again("apply").codes["apply"] == 4
    assert hosted.apply().run(*APPLY).results["apply"] == "success"
    assert len(set(hosted.accepted())) == len(hosted.accepted()) == 2


def test_a_person_resolves_requests_of_a_lost_machine(hosted):
    """Nothing is sent again; `resolve` waits 15 minutes unless a person confirms that the run ended."""
    hosted.vendor.arm("hold", after=True)
    run = hosted.apply().run("plan")
    with run.start("apply").started("Run apply"):
        hosted.vendor.wait_held(1)
    hosted.vendor.release()
    assert run.again("apply").codes["apply"] != 0
    assert hosted.apply().run(*APPLY).codes == {"plan": 3}
    by_hand = ("gate/change#1", "--sent", hosted.vendor.received()[0]["id"], "--reason", "vendor's reports")
    code, err = hosted.resolve(*by_hand)
    assert (code, "its run may still be sending it" in err) == (1, True)
    assert hosted.resolve(*by_hand, "--run-is-gone") == (0, "gate/change#1 is now sent\n")
    assert hosted.apply().run(*APPLY).codes == {"plan": 0}
    assert len(hosted.accepted()) == 1


def test_the_log_of_gh_settles_requests_that_the_branch_lacks(hosted, tmp_path):
    """If the branch ends at the intent, `resolve --from-log` reads the outcome from gh's columns."""
    created = git("ls-remote", "origin", "sendspec-state", where=hosted.clone).split()[0]
    job = hosted.apply().run(*APPLY).jobs["apply"]
    assert job.code == 0
    git("fetch", "--quiet", "origin", "sendspec-state", where=hosted.clone)
    intent = git("rev-list", "--reverse", f"{created}..FETCH_HEAD", where=hosted.clone).split()[0]
    git("push", "--quiet", "--force", "origin", f"{intent}:sendspec-state", where=hosted.clone)
    assert hosted.apply().run(*APPLY).codes == {"plan": 3}
    columns = "apply / apply production\tApply\t"
    lines = [f"{columns}2026-12-01T19:00:03.1234567Z {line}\n" for line in job.output.splitlines()]
    (tmp_path / "run.log").write_text("".join(lines))
    code, err = hosted.resolve("--from-log", str(tmp_path / "run.log"))
    assert (code, "settled 1 from" in err) == (0, True)
    assert hosted.apply().run(*APPLY).codes == {"plan": 0}
    assert len(hosted.accepted()) == 1
