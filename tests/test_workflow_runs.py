"""Steps of the plan and apply workflows, with the real sendspec, sandbox, remote and checkouts.

Each run has its own machine with a shallow checkout of one commit, like that of `actions/checkout`. The
machine has no git configuration and no state of earlier runs except the remote.
"""

from __future__ import annotations

import glob
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sendspec.sandbox import SandboxServer
from tests.ledgers import git, remote_with_clones
from tests.processes.campaigns import notices
from tests.projects import GATE, TEASER, as_marketing, project, sendspec
from tests.sandbox_client import SandboxClient
from tests.workflows import Runner, evaluate, jobs, step, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = (
    "version: 1\ntargets: {{production: {{baseUrl: '{url}', sandbox: true, ledger: git, concurrency: 1}}}}\n"
)
CONTEXT = {
    "inputs.target": "production",
    "secrets.SENDSPEC_CLIENT_ID": "client-of-tests",
    "secrets.SENDSPEC_CLIENT_SECRET": "secret-of-tests",
    "secrets.SENDSPEC_REFRESH_TOKEN": "refresh-of-tests",
    "secrets.SENDSPEC_LOG_KEY": "shared-key-of-tests-with-enough-characters",
    "github.token": "token-of-tests",
    "github.server_url": "https://github.com",
}
PLAN = ("plan", "sendspec plan")
APPLY = ("apply", "sendspec apply")
TARGET = ("--target", "production")
AGAIN = GATE.replace("gate %%", "another gate %%").replace("- id", "- revision: 2\n    id")


class Hosted:
    """A repository of specs on a server, and the vendor that receives its sends."""

    def __init__(self, directory: Path, vendor: SandboxClient) -> None:
        self.vendor = vendor
        self._directory = directory
        self._machines = 0
        self.remote, [self.clone] = remote_with_clones(directory, 1)

    def commit(self, *campaigns: str) -> str:
        """Push specs with these campaigns; return the commit."""
        for old in (self.clone / "specs" / "campaigns").glob("*"):
            old.unlink()
        project(self.clone / "specs", *campaigns, settings=SETTINGS.format(url=self.vendor.base_url))
        git("add", "--all", where=self.clone)
        git("commit", "--quiet", "--allow-empty", "--message=specs", where=self.clone)
        git("push", "--quiet", "origin", "HEAD:main", where=self.clone)
        return git("rev-parse", "HEAD", where=self.clone)

    def machine(self, commit: str, **context: str) -> Runner:
        """Return a new machine with a checkout of one commit."""
        self._machines += 1
        temp = self._directory / f"machine{self._machines}"
        workspace = temp / "checkout"
        workspace.mkdir(parents=True)
        git("init", "--quiet", where=workspace)
        git("remote", "add", "origin", self.remote.as_uri(), where=workspace)
        git("fetch", "--quiet", "--depth=1", "origin", commit, where=workspace)
        git("checkout", "--quiet", "--detach", "FETCH_HEAD", where=workspace)
        return Runner(temp, workspace, CONTEXT | context)

    def refs(self) -> str:
        """Return all refs of the remote."""
        return git("ls-remote", str(self.remote), where=self.clone)

    def resolve(self, *words: str) -> tuple[int, str]:
        """Run `sendspec resolve` for a person who has the key of the log; return code and messages."""
        key = CONTEXT["secrets.SENDSPEC_LOG_KEY"]
        done = sendspec("resolve", *words, *TARGET, where=self.clone, SENDSPEC_LOG_KEY=key)
        return done.code, done.err

    def accepted(self) -> list[str]:
        """Return the texts or job names that the vendor accepted."""
        bodies = [request["body"] for request in self.vendor.received() if request["accepted"]]
        return [body.get("content") or body["messageName"] for body in bodies]


@pytest.fixture
def hosted(tmp_path) -> Iterator[Hosted]:
    """Yield a repository with a ledger and one send in its specs."""
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        repository = Hosted(tmp_path, client)
        repository.commit(GATE)
        assert sendspec("init", "--ledger", *TARGET, where=repository.clone).code == 0
        yield repository


def test_plan_changes_nothing_and_calls_nothing(hosted):
    """The plan is in the log and the summary; remote, checkout and vendor are unchanged."""
    machine = hosted.machine("main")
    before = (hosted.refs(), hosted.vendor.stats())
    code, output = machine.run(*PLAN)
    assert (code, "Plan: 1 to send" in output) == (0, True), output
    assert "\n    Plan: 1 to send" in machine.summary.read_text()
    assert (hosted.refs(), hosted.vendor.stats()) == before
    assert git("status", "--porcelain", "--ignored", where=machine.workspace) == ""


def test_apply_sends_once_in_several_runs(hosted):
    """Later runs on other machines find in the ledger that everything is sent."""
    codes = [hosted.machine("main").run(*APPLY)[0] for _ in range(3)]
    assert (codes, len(hosted.accepted())) == ([0, 0, 0], 1)


def test_a_run_of_an_old_commit_sends_nothing_again(hosted):
    """A re-run of an old commit sends nothing, although a newer commit added a send."""
    old = git("rev-parse", "HEAD", where=hosted.clone)
    for commit in (old, hosted.commit(GATE, TEASER), old):
        assert hosted.machine(commit).run(*APPLY)[0] == 0
    assert len(hosted.accepted()) == 2


def test_a_run_of_an_overtaken_commit_sends_nothing(hosted):
    """A run whose commit is older than the applied revision sends nothing and exits 3."""
    old = git("rev-parse", "HEAD", where=hosted.clone)
    assert hosted.machine(hosted.commit(AGAIN)).run(*APPLY)[0] == 0
    code, output = hosted.machine(old).run(*APPLY)
    assert (code, "error [changed-after-send]" in output) == (3, True)
    assert len(hosted.accepted()) == 1


def test_secrets_that_the_caller_did_not_pass(hosted):
    """GitHub passes them as empty text; sendspec names them before it sends anything."""
    before = hosted.refs()
    nothing = {name: "" for name in CONTEXT if name.startswith("secrets.")}
    code, output = hosted.machine("main", **nothing).run(*APPLY)
    message = "SENDSPEC_CLIENT_ID, SENDSPEC_CLIENT_SECRET, SENDSPEC_REFRESH_TOKEN are not set"
    assert (code, message in output) == (1, True)
    assert (hosted.refs(), hosted.accepted()) == (before, [])


def test_findings_of_level_error_fail_both_steps(hosted):
    """`plan` exits 3 through its pipes, and apply exits 3 and sends nothing."""
    commit = hosted.commit(as_marketing(GATE))
    machine = hosted.machine(commit)
    assert machine.run(*PLAN)[0] == 3
    assert "[marketing-consent]" in machine.summary.read_text()
    assert hosted.machine(commit).run(*APPLY)[0] == 3
    assert hosted.accepted() == []


def test_an_unknown_outcome_fails_this_run_and_the_next(hosted):
    """`apply` exits 7, the next plan 3, and the next apply 7 without a send; the receipt is uploaded."""
    hosted.vendor.arm("drop-after", endpoint="external-consent")
    machine = hosted.machine("main")
    assert machine.run(*APPLY)[0] == 7
    (upload,) = [
        step for step in steps("apply") if step.get("uses", "").startswith("actions/upload-artifact")
    ]
    values = {"env.DIRECTORY": str(machine.workspace / "specs"), "runner.temp": str(machine.temp)}
    patterns = evaluate(upload["with"]["path"], values).split()
    uploaded = [Path(name).name for pattern in patterns for name in glob.glob(pattern)]  # noqa: PTH207 - absolute
    assert uploaded == ["sendspec.production.receipt.json"]
    assert hosted.machine("main").run(*PLAN)[0] == 3
    assert hosted.machine("main").run(*APPLY)[0] == 7
    assert len(hosted.accepted()) == 1


def test_a_cancelled_step_records_requests_in_flight(hosted):
    """The cancelled run completes the request in flight; the next run sends the other one."""
    commit = hosted.commit(notices(2))
    hosted.vendor.arm("hold")
    with hosted.machine(commit).started(*APPLY) as process:
        hosted.vendor.wait_held(1)
        process.send_signal(signal.SIGINT)
        while "stopping: " not in process.stdout.readline():
            assert process.poll() is None
        hosted.vendor.release()
        output, _ = process.communicate(timeout=300)
    assert (process.returncode, "1 request sent, 1 not sent, 0 unknown" in output) == (1, True)
    assert hosted.machine(commit).run(*APPLY)[0] == 0
    assert len(set(hosted.accepted())) == len(hosted.accepted()) == 2


def test_a_person_resolves_requests_of_a_lost_machine(hosted):
    """Nothing is sent again; `resolve` waits 15 minutes unless a person confirms that the run ended."""
    hosted.vendor.arm("hold", after=True)
    with hosted.machine("main").started(*APPLY):
        hosted.vendor.wait_held(1)
    hosted.vendor.release()
    assert hosted.machine("main").run(*APPLY)[0] == 7
    by_hand = ("gate/change#1", "--sent", hosted.vendor.received()[0]["id"], "--reason", "vendor's reports")
    code, err = hosted.resolve(*by_hand)
    assert (code, "its run may still be sending it" in err) == (1, True)
    assert hosted.resolve(*by_hand, "--run-is-gone") == (0, "gate/change#1 is now sent\n")
    assert hosted.machine("main").run(*APPLY)[0] == 0
    assert len(hosted.accepted()) == 1


def test_the_log_of_gh_settles_requests_that_the_branch_lacks(hosted, tmp_path):
    """If the branch ends at the intent, `resolve --from-log` reads the outcome from gh's columns."""
    created = git("ls-remote", "origin", "sendspec-state", where=hosted.clone).split()[0]
    code, output = hosted.machine("main").run(*APPLY)
    assert code == 0
    git("fetch", "--quiet", "origin", "sendspec-state", where=hosted.clone)
    intent = git("rev-list", "--reverse", f"{created}..FETCH_HEAD", where=hosted.clone).split()[0]
    git("push", "--quiet", "--force", "origin", f"{intent}:sendspec-state", where=hosted.clone)
    assert hosted.machine("main").run(*APPLY)[0] == 7
    (job,) = jobs("apply")
    columns = f"apply / {evaluate(job['name'], CONTEXT)}\t{step(*APPLY)['name']}\t"
    lines = [f"{columns}2026-12-01T19:00:03.1234567Z {line}\n" for line in output.splitlines()]
    (tmp_path / "run.log").write_text("".join(lines))
    code, err = hosted.resolve("--from-log", str(tmp_path / "run.log"))
    assert (code, "settled 1 from" in err) == (0, True)
    assert hosted.machine("main").run(*APPLY)[0] == 0
    assert len(hosted.accepted()) == 1
