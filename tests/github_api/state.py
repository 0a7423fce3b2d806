"""What the stand-in has: tokens, issues, pull requests, comments, commits, and settings of one repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

ACTIONS_LOGIN = "github-actions[bot]"
"""The author of what the token of a job writes ("GITHUB_TOKEN", as of 2026-11)."""


@dataclass
class Token:
    """A token: its user, and its permissions such as `{"pull_requests": "write"}`.

    Every token may read metadata ("Permissions required for GitHub Apps", as of 2026-11).
    """

    login: str = ACTIONS_LOGIN
    permissions: dict[str, str] = field(default_factory=dict)

    def allows(self, permission: str, level: str) -> bool:
        levels = ["read", "write", "admin"]
        own = "read" if permission == "metadata" else self.permissions.get(permission)
        return own is not None and levels.index(own) >= levels.index(level)


class Review(NamedTuple):
    """A review of a pull request, of its head unless it has a `commit`."""

    login: str
    state: str
    commit: str | None = None
    association: str = "MEMBER"


@dataclass
class Issue:
    """An issue, or a pull request, which is an issue too and has the last six properties."""

    number: int
    title: str = "A title"
    body: str = ""
    author: str = ACTIONS_LOGIN
    state: str = "open"
    labels: list[str] = field(default_factory=list)
    locked: bool = False
    is_pull_request: bool = False
    merged_at: datetime | None = None
    merge_commit: str | None = None
    head_sha: str = "0" * 40
    head_repository: str | None = None
    base: str = "main"
    reviews: list[tuple[str, ...]] = field(default_factory=list)


@dataclass
class Comment:
    """One comment of an issue or a pull request; `edits` counts how often it was edited."""

    id: int
    issue: int
    author: str
    body: str
    created_at: datetime
    updated_at: datetime
    edits: int = 0


@dataclass
class Commit:
    """A commit of the default branch: its time, the files that it touched, and its pull requests."""

    sha: str
    date: datetime
    files: tuple[str, ...] = ()
    pull_requests: tuple[int, ...] = ()


@dataclass
class State:
    """One repository; tests may read and change every property between two calls."""

    repository: str = "acme/specs"
    default_branch: str = "main"
    is_private: bool = True
    tokens: dict[str, Token] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    """The newest last."""
    labels: set[str] = field(default_factory=set)
    environments: dict[str, dict] = field(default_factory=dict)
    """By name, each with its `protection_rules` and `deployment_branch_policy`."""
    secrets: dict[str, list[str]] = field(default_factory=dict)
    """Names of secrets by environment; those of the repository by '', of the organisation by its kind."""
    workflow_permissions: dict[str, object] = field(default_factory=dict)
    branch_policies: dict[str, list[str]] = field(default_factory=dict)
    """The patterns of branches that may deploy to an environment."""
    protections: dict[str, dict] = field(default_factory=dict)
    """The classic protection of branches, as `GET branches/BRANCH/protection` answers it."""
    rules: dict[str, list[dict]] = field(default_factory=dict)
    """The active rules of rulesets by branch, as `GET rules/branches/BRANCH` answers them."""
    approvals: dict[int, list[dict]] = field(default_factory=dict)
    """The reviews of deployments by run, as `GET actions/runs/RUN/approvals` answers them."""
    runs: list[dict] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    """Files of the default branch by path."""
    ids: count = field(default_factory=lambda: count(1001))

    def add_comment(self, issue: int, body: str, author: str = ACTIONS_LOGIN) -> Comment:
        now = datetime.now(UTC)
        comment = Comment(next(self.ids), issue, author, body, now, now)
        self.comments.append(comment)
        return comment

    def add_issue(self, issue: Issue) -> Issue:
        self.issues[issue.number] = issue
        return issue

    def next_number(self) -> int:
        return max(self.issues, default=0) + 1

    def of_issue(self, number: int) -> list[Comment]:
        return [comment for comment in self.comments if comment.issue == number]
