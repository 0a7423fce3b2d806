"""A person who follows a page of the docs in a clone: its commands, files and settings."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sendspec.github_setup import OWNER_PLACEHOLDER
from tests.doctored import ENVIRONMENT, GROWS_ONLY, LEDGER, REVIEW
from tests.ledgers import git
from tests.processes.runs import CREDENTIALS
from tests.rehearsal.hosted import SECRETS
from tests.rehearsal.stage import PIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.rehearsal.act import Run
    from tests.rehearsal.hosted import PullRequest
    from tests.rehearsal.stage import Stage

_BLOCK: Final = re.compile(r"^```(?P<language>sh|yaml)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_PATH: Final = re.compile(r"# (\S+)\n")


def steps(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each command as `("$", command)`, and each file that starts with its path as `(path, text)`."""
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["language"] == "sh":
            lines = block["body"].replace("\\\n", " ").splitlines()
            yield from (("$", line) for line in lines if line and not line.startswith("#"))
        elif named := _PATH.match(block["body"]):
            yield named[1], block["body"]


@dataclass
class Reader:
    """Follows a page of an empty repository; the vendor of the stage replaces the real one.

    `requests` and `runs` are the pull requests that the reader opened, and the workflows that it started.
    """

    stage: Stage
    requests: list[PullRequest]
    runs: list[Run]

    def follow(self, name: str, text: str) -> None:
        """Write a file, or run a command. A command of another kind is an error."""
        if name != "$":
            path = self.stage.hosted.clone / name
            path.parent.mkdir(parents=True, exist_ok=True)
            vendor = f"baseUrl: '{self.stage.vendor.base_url}', sandbox: true,"
            path.write_text(text.replace("pod: us-1,", vendor))
            return
        match shlex.split(text):
            case ["git", *arguments]:
                git(*arguments, where=self.stage.hosted.clone)
            case ["sendspec", "init", "--github", *arguments]:
                self.stage.person("init", "--github", *arguments, "--pin", PIN)
                self._name_owners()
            case ["sendspec", *arguments]:
                self.stage.person(*arguments)
            case ["GITHUB_TOKEN=$(gh", "auth", "token)", "sendspec", "doctor", *arguments]:
                self._make_settings()
                # It exits with 1 if a check fails.
                variables = self.stage.api.environment() | {"GITHUB_SERVER_URL": self.stage.hosted.server.url}
                self.stage.person("doctor", *arguments, **variables, **CREDENTIALS)
            case ["gh", "pr", "create", "--fill"]:
                branch = git("branch", "--show-current", where=self.stage.hosted.clone)
                self.requests.append(self.stage.hosted.open(branch))
            case ["gh", "workflow", "run", workflow]:
                hosted = self.stage.hosted
                self.runs.append(hosted.run(hosted.dispatched(), workflow))
            case ["pip", "install", requirement]:
                assert requirement == "sendspec @ git+https://github.com/OWNER/sendspec@COMMIT"
            case _:
                raise AssertionError(f"the page has a command of an unknown kind: {text}")

    def _name_owners(self) -> None:
        owners = self.stage.hosted.clone / ".github" / "CODEOWNERS"
        owners.write_text(owners.read_text().replace(OWNER_PLACEHOLDER, "@acme/sms"))

    def _make_settings(self) -> None:
        """Make the settings of `.github/SENDSPEC.md`."""
        state = self.stage.api.state
        for name in ("production", "production-status"):
            state.environments[name] = dict(ENVIRONMENT)
            state.branch_policies[name] = ["main"]
            state.secrets[name] = list(SECRETS)
        state.rules = {"main": [*GROWS_ONLY, REVIEW], LEDGER: [*GROWS_ONLY]}
        state.workflow_permissions = {
            "default_workflow_permissions": "read",
            "can_approve_pull_request_reviews": False,
        }
