"""A repository in which every check of `doctor` passes: vendor, remote and GitHub are real servers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Self

from sendspec.github_setup import OWNER_PLACEHOLDER
from sendspec.sandbox import SandboxServer
from tests.github_api import GitHubServer
from tests.ledgers import git, remote_with_clones
from tests.projects import GATE, TEASER, project
from tests.sandbox_client import SandboxClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack
    from pathlib import Path

    import pytest

    from tests.processes.runs import Done

COMMIT = "79de82b00599f39db63feaffbd754e20c9bc1a61"
LEDGER = "sendspec-state"
SECRETS = ("SENDSPEC_CLIENT_ID", "SENDSPEC_CLIENT_SECRET", "SENDSPEC_REFRESH_TOKEN", "SENDSPEC_LOG_KEY")
SETTINGS = "version: 1\ntargets:\n  production: {{baseUrl: '{url}', ledger: {ledger}}}\n"
GROWS_ONLY = [{"type": "deletion"}, {"type": "non_fast_forward"}]
REVIEW = {"type": "pull_request", "parameters": {"required_approving_review_count": 1}}
ENVIRONMENT = {
    "can_admins_bypass": False,
    "protection_rules": [{"type": "required_reviewers", "prevent_self_review": True, "reviewers": [{}]}],
    "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
}


@dataclass
class Doctored:
    """The repository, and `doctor` in it."""

    cli: Callable[..., Done]
    patch: pytest.MonkeyPatch
    remote: Path
    clone: Path
    vendor: SandboxClient
    github: GitHubServer

    @classmethod
    def create(cls, stack: ExitStack, directory: Path, patch: pytest.MonkeyPatch, cli: Callable) -> Self:
        """Write the repository into `directory`, and start the servers."""
        remote, [clone] = remote_with_clones(directory, 1)
        server = stack.enter_context(SandboxServer())
        doctored = cls(
            cli,
            patch,
            remote,
            clone,
            stack.enter_context(SandboxClient(server.base_url)),
            stack.enter_context(GitHubServer()),
        )
        doctored.write_settings(server.base_url)
        doctored._prepare(directory)
        return doctored

    def write_settings(self, url: str, ledger: str = "git") -> None:
        settings = SETTINGS.format(url=url, ledger=ledger)
        project(self.clone / "specs", GATE, TEASER, settings=settings)

    def install_from(self, directory: Path, commit: str) -> None:
        """Let pip's record say that sendspec was installed from this commit."""
        folder = directory / f"sendspec-{metadata.version('sendspec')}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: sendspec\nVersion: 9\n")
        vcs = {"vcs": "git", "commit_id": commit}
        record = {"url": "https://github.com/acme/sendspec", "vcs_info": vcs}
        (folder / "direct_url.json").write_text(json.dumps(record))
        self.patch.syspath_prepend(directory)

    def _prepare(self, directory: Path) -> None:
        self.patch.chdir(self.clone)
        for name in SECRETS:
            self.patch.setenv(name, f"{name.lower()}-0123456789abcdef0123456789")
        for name, value in self.github.environment().items():
            self.patch.setenv(name, value)
        self.install_from(directory / "installed", COMMIT)
        assert self.cli("init", "--ledger", "--target", "production").code == 0
        assert self.cli("init", "--github", "--target", "production").code == 0
        owners = self.clone / ".github" / "CODEOWNERS"
        owners.write_text(owners.read_text().replace(OWNER_PLACEHOLDER, "@acme/sms"))
        state = self.github.state
        state.environments["production"] = dict(ENVIRONMENT)
        state.environments["production-status"] = {**ENVIRONMENT, "protection_rules": []}
        state.branch_policies |= {"production": ["main"], "production-status": ["main"]}
        state.secrets |= {"production": list(SECRETS), "production-status": list(SECRETS[:3])}
        state.rules = {"main": [*GROWS_ONLY, REVIEW], LEDGER: [*GROWS_ONLY]}
        state.workflow_permissions = {
            "default_workflow_permissions": "read",
            "can_approve_pull_request_reviews": False,
        }
        self.github.recorded.clear()

    def run(self, *words: str) -> dict[str, Any]:
        """Run `doctor --format json`, and return each check with its result; check the exit code."""
        done = self.cli("doctor", "--target", "production", "--format", "json", *words)
        checks = json.loads(done.out)["checks"]
        assert done.code == any(check["result"] == "fail" for check in checks), done.err
        return {check["check"]: check for check in checks}

    def tip(self) -> str:
        return git("rev-parse", LEDGER, where=self.remote)
