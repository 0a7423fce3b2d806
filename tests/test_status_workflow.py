"""The status workflow, with the real sendspec, a vendor, a remote with a ledger, and GitHub's API."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sendspec.sandbox import SandboxServer
from tests.github_api import Commit, GitHubServer
from tests.ledgers import git, remote_with_clones
from tests.projects import CONTACTS, project, sendspec
from tests.runner import Machine
from tests.sandbox_client import SandboxClient
from tests.workflows import ROOT, jobs, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.runner import Job

SETTINGS = "version: 1\ntargets: {{production: {{baseUrl: '{url}', sandbox: true, ledger: git}}}}\n"
SECRETS = {
    "secrets.SENDSPEC_CLIENT_ID": "client-of-tests",
    "secrets.SENDSPEC_CLIENT_SECRET": "secret-of-tests",
    "secrets.SENDSPEC_REFRESH_TOKEN": "refresh-of-tests",
}
OF_TESTS = {name.partition(".")[2]: value for name, value in SECRETS.items()}
PEOPLE = "contactId,NAME,Store\n12125550123,Ada,Paris\n12125550190,Grace,Rome\n12125550191,Liz,Oslo\n"


class Sent:
    """A repository of specs whose one send the vendor has accepted."""

    def __init__(self, directory: Path, vendor: SandboxClient, github: GitHubServer) -> None:
        self.directory, self.vendor, self.github, self.runs = directory, vendor, github, 0
        _, [self.clone] = remote_with_clones(directory, 1)
        specs = project(self.clone / "specs", CONTACTS, settings=SETTINGS.format(url=vendor.base_url))
        campaign = specs / "campaigns" / "c0.yaml"
        columns = "people.csv, columns: {contactId: contactId, personalization: {NAME: NAME}}"
        campaign.write_text(campaign.read_text().replace("people.csv", columns))
        (specs / "contacts" / "people.csv").write_text(PEOPLE)
        git("add", "--all", where=self.clone)
        git("commit", "--quiet", "--message=specs", where=self.clone)
        git("push", "--quiet", "origin", "HEAD:main", where=self.clone)
        target = ("--target", "production")
        assert sendspec("init", "--ledger", *target, where=self.clone).code == 0
        done = sendspec("apply", "--auto-approve", *target, where=self.clone, **OF_TESTS)
        assert done.code == 0, done.err

    def run(self, key: str = "status", **context: Any) -> Job:
        """Run a job, by default the one that queries the vendor, on a new machine with a shallow checkout."""
        self.runs += 1
        folder = self.directory / f"run{self.runs}"
        folder.mkdir()
        remote = (self.clone.parent / "remote.git").as_uri()
        git("clone", "--quiet", "--depth=1", remote, "checkout", where=folder)
        environment = self.github.environment()
        names = {"github.token": environment["GITHUB_TOKEN"], "github.server_url": "https://github.com"}
        machine = Machine(folder, folder / "checkout", {**names, **SECRETS}, folder / "artifacts")
        values = {"inputs.target": "production", "github.run_attempt": "1", **context}
        event = folder / "event.json"
        event.write_text(json.dumps({"schedule": "0 0 * * *"}))
        environment |= {"GITHUB_EVENT_PATH": str(event)}
        return machine.job("status", key, environment, **values).run()

    def files(self) -> dict[str, str]:
        """Return the artifacts of the last run by artifact and file."""
        folder = self.directory / f"run{self.runs}" / "artifacts"
        return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.*"))}

    def queries(self) -> int:
        return int(self.vendor.stats()["received"].get("status", 0))


@pytest.fixture
def sent(tmp_path) -> Iterator[Sent]:
    with (
        SandboxServer() as server,
        SandboxClient(server.base_url) as vendor,
        GitHubServer() as github,
    ):
        yield Sent(tmp_path, vendor, github)


def test_the_ledger_the_summary_and_the_pull_request_get_the_delivery(sent):
    """One run records it, the next one queries nothing, and another job edits the comment."""
    job = sent.run()
    assert job.code == 0, job.output
    outputs = {name: job.outputs[name] for name in ("settled", "handed", "not-handed", "link")}
    assert outputs == {"settled": "true", "handed": "1", "not-handed": "2", "link": ""}
    summary = (sent.directory / "run1" / "summary.md").read_text()
    assert re.search(r"## ✅ 3 recipients accepted: 1 handed to the carrier, 2 not", summary), summary
    assert "2 no consent" in summary
    before = sent.queries()
    assert sent.run().code == 0
    assert sent.queries() == before
    assert [name.partition("/")[0] for name in sent.files()] == [
        "sendspec-status-production-specs-d32b3c35-1"
    ] * 2
    body = comment_after(sent, "--not-received-url=https://github.com/acme/specs/actions/runs/1/artifacts/2")
    for words in ("1 handed to the carrier, 2 not", "2 no consent", "artifacts/2", "the approved plan"):
        assert words in body
    assert not any("12125550" in text for text in (summary, body, job.output, *sent.files().values()))


def comment_after(sent: Sent, link: str) -> str:
    """Return the only comment of the merged pull request of the send, after a report."""
    github, sha = sent.github, "5" * 40
    merged = datetime.now(UTC) - timedelta(minutes=10)
    github.add_pull_request(5, merged_at=merged, merge_commit=sha)
    github.state.commits.append(Commit(sha, merged, ("specs/campaigns/c0.yaml",), (5,)))
    github.state.add_comment(5, "<!-- sendspec:production:specs -->\nthe approved plan\n")
    job = sent.run("comment", **{"needs.status.outputs.link": link})
    assert job.code == 0, job.output
    [body] = github.bodies(5)
    return str(body)


def test_the_contacts_that_received_nothing_are_kept_on_request(sent):
    """They have the columns of the list, in a private repository only; a public one fails the run."""
    assert sent.run(**{"inputs.not-received": True}).code == 0
    text = sent.files()["sendspec-not-received-production-specs-d32b3c35-1/not-received.csv"]
    header, *rows = text.splitlines()
    assert header == "address,batch,transactionId,contact,reason,contactId,NAME,Store"
    assert [row.split(",")[-2:] for row in rows] == [["Grace", "Rome"], ["Liz", "Oslo"]]
    sent.github.state.is_private = False
    job = sent.run(**{"inputs.not-received": True})
    assert (job.code, "refused in CI of a public repository" in job.output) == (64, True)
    assert sent.files() == {}


def test_secrets_reach_the_step_that_queries_only():
    """Installation and uploads do not have them, and each declared secret is used."""
    status, comment = jobs("status")
    with_secrets = [step["name"] for step in status["steps"] if "secrets." in str(step)]
    assert with_secrets == ["Status"]
    assert "secrets." not in str(comment)
    used = re.findall(r"\$\{\{ secrets\.(\w+) \}\}", str(status))
    assert sorted(used) == sorted(load("status")["on"]["workflow_call"]["secrets"])


def test_rights_and_order():
    """It writes the ledger and nothing else; comments come from a job of their own; no run is cancelled."""
    status, comment = jobs("status")
    assert status["permissions"] == {"contents": "write"}
    assert comment["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "environment" not in comment
    assert load("status")["concurrency"]["cancel-in-progress"] is False
    assert "inputs.target" in status["environment"]


def test_a_direct_run_has_the_defaults_of_the_inputs():
    """A schedule of this repository has no inputs, so each use has the default beside it."""
    text = (ROOT / ".github" / "workflows" / "status.yml").read_text()
    for name, settings in load("status")["on"]["workflow_call"]["inputs"].items():
        if settings["type"] == "string" and settings["default"]:
            uses = re.findall(rf"inputs\.{name}\b(?: \|\| '([^']*)')?", text)
            assert set(uses) == {settings["default"]}
