"""Comments of the workflows on pull requests, with a stand-in for GitHub's REST API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sendspec.sandbox import SandboxServer
from tests.github_api import Commit, GitHubServer
from tests.github_api.server import FORK_TOKEN
from tests.hosted import TARGET, Hosted
from tests.ledgers import git
from tests.projects import GATE, as_marketing, sendspec
from tests.sandbox_client import SandboxClient
from tests.test_run_review import rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.workflow_run import WorkflowRun

MARKER = "<!-- sendspec:production:specs -->\n"
LATER = GATE.replace("gate\n", "later\n", 1) + '    notBefore: "2199-01-01T00:00:00+00:00"\n'


@pytest.fixture(scope="module")
def github() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server


@pytest.fixture
def hosted(tmp_path, github) -> Iterator[Hosted]:
    """Yield a repository with a send that waits and a ledger; pull request 7 is open on GitHub."""
    github.state.comments.clear()
    github.state.commits.clear()
    github.add_pull_request(7, reviews=[("kim", "APPROVED")])
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        repository = Hosted(tmp_path, client)
        repository.environment = github.environment()
        repository.commit(LATER)
        assert sendspec("init", "--ledger", *TARGET, where=repository.clone).code == 0
        yield repository


def plan(hosted: Hosted, github: GitHubServer, campaign: str, **context: str) -> WorkflowRun:
    """Run plan with its comment for a push of a campaign to the branch of pull request 7."""
    base = git("rev-parse", "origin/main", where=hosted.clone)
    git("checkout", "--quiet", "--detach", base, where=hosted.clone)
    head = hosted.propose(LATER, campaign, ref="refs/heads/change")
    github.state.issues[7].head_sha = head
    names = {
        "github.token": github.environment()["GITHUB_TOKEN"],
        "github.event.pull_request.number": "7",
        "github.event.pull_request.head.sha": head,
        "github.event.pull_request.head.repo.full_name": "acme/specs",
        **context,
    }
    merge = hosted.merge(base, head, "refs/pull/7/merge")
    return hosted.run_of("plan", "pull_request", "refs/pull/7/merge", merge, **names).run()


def test_one_comment_goes_from_the_plan_to_the_receipt(hosted, github):
    """Pushes edit it, a plan that fails or cannot be made too, and after the merge it has the result."""
    seen = []
    for campaign in (GATE, as_marketing(GATE), "campaign: [", GATE):
        run = plan(hosted, github, campaign)
        assert run.results["comment"] == "success", run.jobs["comment"].output
        [body] = github.bodies(7)
        assert body.startswith(MARKER)
        seen.append(rendered(body)[0])
    marks = [f"{title[0]} {title.partition(' · ')[2].partition(':')[0]}" for title in seen]
    assert marks == ["✅ Ready", "⛔ Not ready", "⛔ Not ready", "✅ Ready"]
    merged = hosted.commit(LATER, GATE)
    issue = github.state.issues[7]
    issue.state, issue.merged_at, issue.merge_commit = "closed", datetime.now(UTC), merged
    github.state.commits.append(Commit(merged, issue.merged_at, ("specs/campaigns/c1.yaml",), (7,)))
    run = hosted.apply(merged, **{"github.token": github.environment()["GITHUB_TOKEN"]}).run()
    assert run.results == {"plan": "success", "apply": "success", "comment": "success"}, run.codes
    [body] = github.bodies(7)
    assert body.startswith(MARKER)
    assert rendered(body)[0] == "✅ Sent: gate, 2 of 2 recipients accepted, delivery not reported yet"


@pytest.mark.parametrize(
    ("campaign", "headline", "reason"),
    [
        (as_marketing(GATE), "⛔ Not sent: gate", "(marketing-consent)"),
        ("campaign: [", "⛔ Not sent: the run failed", "c1.yaml:"),
    ],
)
def test_a_merged_plan_that_fails_says_why_nothing_was_sent(campaign, headline, reason, hosted, github):
    """The second job of apply is skipped, so there is no receipt; the comment has the errors of the specs."""
    github.state.add_comment(7, f"{MARKER}## ✅ SMS plan for production · Ready\n")
    merged = hosted.commit(LATER, campaign)
    issue = github.state.issues[7]
    issue.state, issue.merged_at, issue.merge_commit = "closed", datetime.now(UTC), merged
    github.state.commits.append(Commit(merged, issue.merged_at, ("specs/campaigns/c1.yaml",), (7,)))
    hosted.environment |= {"GITHUB_SHA": merged}
    run = hosted.apply(merged, **{"github.token": github.environment()["GITHUB_TOKEN"]}).run()
    assert (run.results["plan"], run.results["apply"]) == ("failure", "skipped")
    [body] = github.bodies(7)
    lines = rendered(body)
    assert lines[0].startswith(headline), lines
    assert reason in "".join(lines), lines
    assert "no receipt" not in body
    assert hosted.accepted() == []


def test_the_token_of_a_fork_or_a_bot_fails_nothing(hosted, github):
    """Runs of some bots are in the same repository, and their token may only read."""
    hosted.environment |= {"GITHUB_TOKEN": FORK_TOKEN}
    run = plan(hosted, github, GATE, **{"github.token": FORK_TOKEN})
    assert (run.results["comment"], github.bodies(7)) == ("success", [])


def test_a_plan_job_that_was_killed_replaces_the_plan_before(hosted, github):
    """It left neither outputs nor an artifact; the comment names its commit and links its run."""
    run = plan(hosted, github, GATE)
    killed = hosted.run_of("plan", "pull_request", "refs/pull/7/merge", "", **run.context)
    killed.results["plan"] = "failure"
    assert killed.run("comment").results["comment"] == "success", killed.jobs["comment"].output
    [body] = github.bodies(7)
    assert f"of commit {github.state.issues[7].head_sha[:7]} ended before it made a plan" in body.replace(
        "<wbr>", ""
    )
    assert "[Open the run](https://github.com/acme/specs/actions/runs/9)" in body


def test_a_run_again_plans_the_newest_merge(hosted, github):
    """The base of the first attempt may not be that of the pull request any more."""
    run = plan(hosted, github, as_marketing(GATE))
    [before] = github.bodies(7)
    base = git("rev-parse", "origin/main", where=hosted.clone)
    git("checkout", "--quiet", "--detach", base, where=hosted.clone)
    newer = hosted.commit(LATER.replace("later\n", "other\n", 1))
    hosted.merge(newer, github.state.issues[7].head_sha, "refs/pull/7/merge")
    run.again()
    [after] = github.bodies(7)
    shown = [text.replace("<wbr>", "") for text in (before, after)]
    assert [commit[:7] in text for commit, text in zip((base, newer), shown, strict=True)] == [True, True]
