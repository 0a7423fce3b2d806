"""The watch workflow, with the real sendspec, a remote with a ledger, and a stand-in for GitHub's API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.github_api import GitHubServer
from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, project, sendspec
from tests.runner import Machine
from tests.workflows import ROOT, jobs, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.runner import Job

SETTINGS = "version: 1\ntargets: {production: {baseUrl: 'http://127.0.0.1:9', sandbox: true, ledger: git}}\n"
LONG_AGO = {"GIT_COMMITTER_DATE": "@1600000000 +0000"}


class Watched:
    """A repository of specs with a ledger, whose issues are those of the stand-in."""

    def __init__(self, directory: Path, github: GitHubServer) -> None:
        self.directory, self.github, self.runs = directory, github, 0
        _, [self.clone] = remote_with_clones(directory, 1)
        self.commit(GATE)
        assert sendspec("init", "--ledger", "--target", "production", where=self.clone).code == 0

    def commit(self, *campaigns: str) -> None:
        for old in (self.clone / "specs" / "campaigns").glob("*"):
            old.unlink()
        project(self.clone / "specs", *campaigns, settings=SETTINGS)
        git("add", "--all", where=self.clone)
        git("commit", "--quiet", "--message=specs", where=self.clone, **LONG_AGO)
        git("push", "--quiet", "origin", "HEAD:main", where=self.clone)

    def job(self, machine: Machine, key: str, **context: Any) -> Job:
        values = {"inputs.target": "production", "github.run_attempt": "1", **context}
        return machine.job("watch", key, self.github.environment(), **values)

    def run(self, **context: Any) -> tuple[Job, Job | None]:
        """Run the first job, and if its conditions hold the second one, each on a new machine."""
        self.runs += 1
        folder = self.directory / f"run{self.runs}"
        folder.mkdir()
        git("clone", "--quiet", self.clone.parent / "remote.git", "checkout", where=folder)
        names = {"github.token": self.github.environment()["GITHUB_TOKEN"], "github.server_url": "https://x"}
        machine = Machine(folder, folder / "checkout", names, folder / "artifacts")
        first = self.job(machine, "watch", **context).run()
        if first.code or context.get("inputs.issue") is False:
            return first, None
        temp = folder / "second"
        (temp / "empty").mkdir(parents=True)
        second = Machine(temp, temp / "empty", names, folder / "artifacts")
        needs = {f"needs.watch.outputs.{name}": value for name, value in first.outputs.items()}
        return first, self.job(second, "issue", **needs, **context).run()


@pytest.fixture
def watched(tmp_path) -> Iterator[Watched]:
    with GitHubServer() as github:
        yield Watched(tmp_path, github)


def issues(watched: Watched) -> list[tuple[str, str, bool]]:
    """Return the title and state of each issue, and whether it names the forgotten send."""
    found = watched.github.state.issues.values()
    return [(issue.title, issue.state, "gate/change" in issue.body) for issue in found]


def test_one_issue_is_opened_edited_and_closed(watched):
    """A forgotten send opens it, a second run edits it, and it closes when nothing is left."""
    title = "SMS sends to production (specs) need attention"
    first, second = watched.run()
    assert (first.code, second and second.code) == (0, 0), first.output + (second.output if second else "")
    assert issues(watched) == [(title, "open", True)]
    assert "gate/change: Never sent, although it is due" in first.output
    assert "::warning title=gate/change::Never sent" in first.output
    assert "1 thing needs attention" in (watched.directory / "run1" / "summary.md").read_text()
    watched.run()
    assert issues(watched) == [(title, "open", True)]
    watched.commit(f'{GATE}    notBefore: "2999-01-01T00:00:00Z"\n')
    first, _ = watched.run()
    assert first.outputs["needs-attention"] == "false"
    assert [state for _, state, _ in issues(watched)] == ["closed"]


def test_without_the_issue_nothing_is_posted(watched):
    """The outputs are for the caller's own notification, and the run is green."""
    first, second = watched.run(**{"inputs.issue": False})
    assert (first.code, second) == (0, None)
    assert (first.outputs["needs-attention"], first.outputs["items"]) == ("true", "1")
    assert watched.github.calls() == []
    files = sorted(path.name for path in (watched.directory / "run1" / "artifacts").rglob("*.*"))
    assert files == ["watch.json", "watch.md"]


def test_specs_with_problems_are_an_item_and_a_lost_ledger_fails_the_run(watched):
    """The issue says that nothing is sent of broken specs; without a ledger nothing is known."""
    watched.commit(GATE.replace("campaign: gate", "campaign: [gate]"))
    first, second = watched.run()
    assert (first.code, second and second.code, len(issues(watched))) == (0, 0, 1)
    git("push", "--quiet", "origin", "--delete", "sendspec-state", where=watched.clone)
    before = len(watched.github.calls())
    first, second = watched.run()
    assert (first.code, second, len(watched.github.calls())) == (1, None, before)


def test_rights_and_order():
    """Only the job without a checkout may write issues; runs wait for each other; no job has a secret."""
    workflow = load("watch")
    watch, issue = jobs("watch")
    assert watch["permissions"] == {"contents": "read"}
    assert issue["permissions"] == {"issues": "write"}
    uses = [step.get("uses", "").partition("@")[0] for step in issue["steps"]]
    assert set(uses) == {"actions/download-artifact", "$/.github/actions/sendspec"}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    assert "secrets" not in json.dumps(workflow)
    assert not any("environment" in job for job in (watch, issue))


def test_a_direct_run_has_the_defaults_of_the_inputs():
    """A schedule of this repository has no inputs, so each use has the default beside it."""
    text = (ROOT / ".github" / "workflows" / "watch.yml").read_text()
    for name, settings in load("watch")["on"]["workflow_call"]["inputs"].items():
        if settings["type"] == "string" and settings["default"]:
            assert text.count(f"inputs.{name} || '{settings['default']}'") == text.count(f"inputs.{name} ")
