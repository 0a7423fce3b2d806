"""A repository of specs on a host: its events, and the runs of its workflows by `act`."""

from __future__ import annotations

import base64
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from sendspec.structs import replace
from tests.github_api import Commit, Token
from tests.ledgers import git
from tests.rehearsal import act
from tests.rehearsal.calls import granted_permissions, has_event, startup_errors
from tests.rehearsal.copies import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.github_api import GitHubServer
    from tests.rehearsal.act import Run
    from tests.rehearsal.git_server import GitServer

NAME: Final = "acme/specs"
FORK: Final = "stranger/specs"
PERSON_TOKEN: Final = "token-of-a-person"  # noqa: S105
WORKFLOWS: Final = ".github/workflows"
SECRETS: Final = {
    "SENDSPEC_CLIENT_ID": "client-of-tests",
    "SENDSPEC_CLIENT_SECRET": "secret-of-tests",
    "SENDSPEC_REFRESH_TOKEN": "refresh-of-tests",
    "SENDSPEC_LOG_KEY": "shared-key-of-tests-with-enough-characters",
}


@dataclass(frozen=True)
class Event:
    """Something that starts workflows: its name, commit, ref and payload, and whether a fork caused it."""

    name: str
    sha: str
    ref: str
    payload: Mapping[str, Any]
    of_fork: bool = False


@dataclass(frozen=True)
class PullRequest:
    """A branch that is proposed for main; `number` is that of GitHub."""

    number: int
    branch: str
    of_fork: bool = False


@dataclass
class Hosted:
    """A bare repository, the clone of a person, and what a runner of this host gets.

    `repositories` are the folders of `OWNER/NAME@COMMIT` for the `uses` of workflows.
    """

    folder: Path
    server: GitServer
    api: GitHubServer
    repositories: Mapping[str, Path]
    _ids: Iterator[int] = field(default_factory=lambda: count(101))

    def __post_init__(self) -> None:
        self.remote.mkdir(parents=True)
        git("init", "--quiet", "--bare", "--initial-branch=main", ".", where=self.remote)
        for name in ("http.receivepack", "uploadpack.allowAnySHA1InWant"):
            git("config", name, "true", where=self.remote)
        self.server.may_write[PERSON_TOKEN] = True
        header = f"http.{self.server.url}/.extraheader"
        value = f"Authorization: basic {base64.b64encode(f'ada:{PERSON_TOKEN}'.encode()).decode()}"
        address = f"{self.server.url}/{NAME}"
        git("clone", "--quiet", f"--config={header}={value}", address, str(self.clone), where=self.folder)

    @property
    def remote(self) -> Path:
        return self.server.folder / NAME

    @property
    def clone(self) -> Path:
        """The clone of a person who may push; it is on the branch main."""
        return self.folder / "clone"

    # ── what people do

    def commit(self, message: str, files: Mapping[str, str], branch: str = "main", base: str = "main") -> str:
        """Write files on a branch, which starts at `base` if it is new, and push it; return the commit."""
        if branch != git("branch", "--show-current", where=self.clone):
            new = not git("branch", "--list", branch, where=self.clone)
            git("checkout", "--quiet", *(["-b", branch, base] if new else [branch]), where=self.clone)
        for name, text in files.items():
            path = self.clone / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self.push(message, branch)

    def push(self, message: str, branch: str = "main") -> str:
        """Commit everything in the clone, and push it to a branch; return the commit."""
        git("add", "--all", where=self.clone)
        git("commit", "--quiet", "--allow-empty", f"--message={message}", where=self.clone)
        git("push", "--quiet", str(self.remote), f"HEAD:{branch}", where=self.clone)
        sha = git("rev-parse", "HEAD", where=self.clone)
        git("checkout", "--quiet", "main", where=self.clone)
        return sha

    def propose(self, branch: str, files: Mapping[str, str], *, of_fork: bool = False) -> PullRequest:
        """Open a pull request with a commit of these files."""
        self.commit(f"Propose {branch}", files, branch)
        return self.open(branch, of_fork=of_fork)

    def open(self, branch: str, *, of_fork: bool = False) -> PullRequest:
        """Open a pull request for a branch that is pushed."""
        number = self.api.state.next_number()
        head = git("rev-parse", branch, where=self.clone)
        repository = FORK if of_fork else NAME
        self.api.add_pull_request(number, title=branch, head_sha=head, head_repository=repository)
        return PullRequest(number, branch, of_fork)

    def amend(self, request: PullRequest, files: Mapping[str, str]) -> None:
        """Push one more commit with these files to the branch of a pull request."""
        head = self.commit("Amend", files, request.branch)
        self.api.state.issues[request.number].head_sha = head

    def merge(self, request: PullRequest, approver: str | None = None) -> str:
        """Merge a pull request into main as one commit, as "Squash and merge" does; return it."""
        git("checkout", "--quiet", "main", where=self.clone)
        git("merge", "--quiet", "--squash", request.branch, where=self.clone)
        sha = self.push(f"Merge #{request.number}")
        issue = self.api.state.issues[request.number]
        issue.reviews += [(approver, "APPROVED")] if approver else []
        issue.state, issue.merged_at, issue.merge_commit = "closed", datetime.now(UTC), sha
        files = git("show", "--name-only", "--format=", sha, where=self.clone).split()
        self.api.state.commits.append(Commit(sha, issue.merged_at, tuple(files), (request.number,)))
        return sha

    # ── events

    def pull_request(self, request: PullRequest, action: str = "synchronize") -> Event:
        """Return the event of a pull request, with the commit that merges its branch into main."""
        ref = f"refs/pull/{request.number}/merge"
        base, head, merged = self._merge(request, ref)
        of = {"full_name": FORK if request.of_fork else NAME, "fork": request.of_fork}
        payload = {
            "action": action,
            "number": request.number,
            "pull_request": {
                "number": request.number,
                "head": {"ref": request.branch, "sha": head, "repo": of},
                "base": {"ref": "main", "sha": base, "repo": {"full_name": NAME}},
            },
        }
        return Event("pull_request", merged, ref, payload, request.of_fork)

    def merge_group(self, request: PullRequest) -> Event:
        """Return the event of a pull request in a merge queue; its run has the token of the repository."""
        ref = f"refs/heads/gh-readonly-queue/main/pr-{request.number}"
        base, _, merged = self._merge(request, ref)
        group = {"head_sha": merged, "head_ref": ref, "base_sha": base, "base_ref": "refs/heads/main"}
        return Event("merge_group", merged, ref, {"action": "checks_requested", "merge_group": group})

    def _merge(self, request: PullRequest, ref: str) -> tuple[str, str, str]:
        """Push the merge of a pull request to a ref; return the commits of base, branch and merge."""
        base, head = (git("rev-parse", name, where=self.clone) for name in ("main", request.branch))
        tree = git("merge-tree", "--write-tree", base, head, where=self.clone)
        parents = ("-p", base, "-p", head)
        merged = git("commit-tree", tree, *parents, "-m", f"Merge {head} into {base}", where=self.clone)
        git("push", "--quiet", "--force", str(self.remote), f"{merged}:{ref}", where=self.clone)
        return base, head, merged

    def pushed(self, commit: str = "main") -> Event:
        """Return the event of a push to main."""
        sha = git("rev-parse", commit, where=self.clone)
        payload = {"ref": "refs/heads/main", "after": sha, "deleted": False}
        return Event("push", sha, "refs/heads/main", payload)

    def scheduled(self) -> Event:
        """Return the event of a schedule, which runs on the newest commit of main."""
        return replace(self.pushed(), name="schedule", payload={"schedule": "7 * * * *"})

    def dispatched(self, **inputs: str) -> Event:
        """Return the event of a start by hand, with inputs."""
        payload = {"ref": "refs/heads/main", "inputs": inputs}
        return replace(self.pushed(), name="workflow_dispatch", payload=payload)

    # ── runs

    def runs(self, event: Event) -> dict[str, Run]:
        """Run each workflow that has the event; return the runs by the names of their files."""
        return {
            path.name: self.run(event, path.name)
            for path in self._workflows(event)
            if has_event(path, event.name)
        }

    def run(self, event: Event, workflow: str, *, id: int | None = None, attempt: int = 1) -> Run:  # noqa: A002
        """Run one workflow; with the `id` of an earlier run this is its next attempt."""
        number = id or next(self._ids)
        (path,) = (path for path in self._workflows(event) if path.name == workflow)
        repository = {"full_name": NAME, "default_branch": "main", "private": True, "visibility": "private"}
        assert startup_errors(path, self.repositories) == []
        invocation = act.Invocation(
            event.name,
            workflow=path,
            payload={**event.payload, "repository": repository},
            repositories=self.repositories,
            variables=self._variables(event, number, attempt),
            secrets={"GITHUB_TOKEN": self._token(event, path, number), **({} if event.of_fork else SECRETS)},
        )
        return act.run(invocation, self.folder / f"run{number}.{attempt}")

    def _token(self, event: Event, workflow: Path, number: int) -> str:
        """Return a new token with the permissions of a workflow, which the servers then know."""
        granted = granted_permissions(workflow, of_fork=event.of_fork)
        token = f"token-of-run-{number}"
        self.server.may_write[token] = granted.get("contents") == "write"
        api = {name.replace("-", "_"): level for name, level in granted.items()}
        self.api.state.tokens[token] = Token(permissions=api)
        return token

    def _variables(self, event: Event, number: int, attempt: int) -> dict[str, str]:
        # These are the variables that `act` reads; its name of GITHUB_SHA is SHA_REF.
        return {
            "SHA_REF": event.sha,
            "GITHUB_REF": event.ref,
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_SERVER_URL": self.server.url,
            "GITHUB_API_URL": self.api.api_url,
            "GITHUB_RUN_ID": str(number),
            "GITHUB_RUN_NUMBER": str(number),
            "GITHUB_RUN_ATTEMPT": str(attempt),
            "REHEARSAL_ARTIFACTS": str(self.artifacts),
            "REHEARSAL_PYTHON": sys.executable,
            "REHEARSAL_INSTALLER": str(ROOT / "tests" / "rehearsal" / "installer.py"),
        }

    @property
    def artifacts(self) -> Path:
        """The folder of all artifacts, as RUN/NAME/files."""
        return self.folder / "artifacts"

    def _workflows(self, event: Event) -> list[Path]:
        folder = self.folder / "workflows" / event.sha
        if not folder.exists():
            archive = subprocess.run(
                ["git", "archive", event.sha, WORKFLOWS], cwd=self.clone, check=True, capture_output=True
            )
            folder.mkdir(parents=True)
            subprocess.run(["tar", "--extract"], cwd=folder, check=True, input=archive.stdout)
        return sorted((folder / WORKFLOWS).glob("*.yml"))
