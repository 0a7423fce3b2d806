"""A repository of specs on a server, whose workflows run on machines of tests, and the vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.ledgers import git, remote_with_clones
from tests.projects import project, sendspec
from tests.runner import Machine
from tests.workflow_run import WorkflowRun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.sandbox_client import SandboxClient

SETTINGS = (
    "version: 1\ntargets: {{production: {{baseUrl: '{url}', sandbox: true, ledger: git, concurrency: 1}}}}\n"
)
CONTEXT: Final = {
    "inputs.directory": "specs",
    "inputs.target": "production",
    "inputs.comment": True,
    "secrets.SENDSPEC_CLIENT_ID": "client-of-tests",
    "secrets.SENDSPEC_CLIENT_SECRET": "secret-of-tests",
    "secrets.SENDSPEC_REFRESH_TOKEN": "refresh-of-tests",
    "secrets.SENDSPEC_LOG_KEY": "shared-key-of-tests-with-enough-characters",
    "github.token": "token-of-tests",
    "github.server_url": "https://github.com",
    "github.repository": "acme/specs",
    "github.run_id": "9",
}
TARGET: Final = ("--target", "production")


class Hosted:
    """A repository of specs on a server, and the vendor that receives its sends.

    `environment` are further variables of all steps, such as those of a stand-in for GitHub's API.
    """

    def __init__(self, directory: Path, vendor: SandboxClient) -> None:
        self.vendor = vendor
        self.environment: dict[str, str] = {}
        self._directory = directory
        self._count = 0
        self.remote, [self.clone] = remote_with_clones(directory, 1)

    def commit(self, *campaigns: str) -> str:
        """Push specs with these campaigns to main; return the commit."""
        return self.propose(*campaigns, ref="refs/heads/main")

    def propose(self, *campaigns: str, ref: str) -> str:
        """Push a commit with these campaigns to a ref; return the commit."""
        for old in (self.clone / "specs" / "campaigns").glob("*"):
            old.unlink()
        project(self.clone / "specs", *campaigns, settings=SETTINGS.format(url=self.vendor.base_url))
        git("add", "--all", where=self.clone)
        git("commit", "--quiet", "--allow-empty", "--message=specs", where=self.clone)
        self._push(ref)
        return git("rev-parse", "HEAD", where=self.clone)

    def _push(self, ref: str) -> None:
        force = "" if ref == "refs/heads/main" else "+"
        git("push", "--quiet", "origin", f"{force}HEAD:{ref}", where=self.clone)

    def merge(self, base: str, commit: str, ref: str) -> str:
        """Push the merge of a commit into a base to a ref, as GitHub does; return the merge."""
        git("checkout", "--quiet", "--detach", base, where=self.clone)
        git("merge", "--quiet", "--no-ff", "--message=merge", commit, where=self.clone)
        self._push(ref)
        return git("rev-parse", "HEAD", where=self.clone)

    def run_of(self, name: str, event: str, ref: str, sha: str, **context: Any) -> WorkflowRun:
        """Return a run of a workflow, before its first job."""
        self._count += 1
        names = {"github.event_name": event, "github.ref": ref, "github.sha": sha}
        artifacts = self._directory / f"artifacts{self._count}"
        artifacts.mkdir()
        return WorkflowRun(name, self.machine, artifacts, {**CONTEXT, **names, **context}, self.environment)

    def apply(self, sha: str = "", **context: Any) -> WorkflowRun:
        """Return a run of apply for a push of a commit to main."""
        return self.run_of("apply", "push", "refs/heads/main", sha, **context)

    def machine(self, artifacts: Path, context: Mapping[str, Any]) -> Machine:
        """Return a new machine."""
        self._count += 1
        temp = self._directory / f"machine{self._count}"
        workspace = temp / "checkout"
        workspace.mkdir(parents=True)
        return Machine(temp, workspace, context, artifacts, self.remote)

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
