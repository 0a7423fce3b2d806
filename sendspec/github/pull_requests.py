"""Pull requests: their state, the commits of a file, and the pull request that brought a commit.

Sources: GitHub, "REST API endpoints for pull requests", "… for commits" and "… for pull request reviews", as
of 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sendspec.formatting import parse_timestamp
from sendspec.github.answers import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sendspec.github.api import GitHubApi

_DECISIONS: Final = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States of reviews that replace the decision before; a comment does not."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request; `merged_at` is None unless it was merged."""

    number: int
    is_open: bool
    merged_at: datetime | None
    head_sha: str
    merge_commit: str | None
    base: str
    url: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, and when it was committed."""

    sha: str
    at: datetime


def read_pull_request(api: GitHubApi, number: int) -> PullRequest:
    """Return a pull request; raise GitHubError if it cannot be read."""
    task = f"read pull request {number}"
    with reading(task):
        return _pull_request(api.get("pulls", number, task=task))


def default_branch(api: GitHubApi) -> str:
    """Return the name of the default branch; raise GitHubError if it cannot be read."""
    task = "read the repository"
    with reading(task):
        return str(api.get(task=task)["default_branch"])


def commits_of(api: GitHubApi, path: str, branch: str) -> tuple[Commit, ...]:
    """Return the last commits of a branch that touched a file, at most a page of them, the newest first.

    Raises:
        GitHubError: the commits cannot be read.
    """
    task = f"find the commits of {path}"
    query = {"path": path, "sha": branch}
    with reading(task):
        return tuple(
            Commit(str(item["sha"]), parse_timestamp(str(item["commit"]["committer"]["date"])))
            for item in api.get_all("commits", task=task, query=query, pages_max=1)
        )


def merged_pull_request(api: GitHubApi, sha: str, branch: str) -> PullRequest | None:
    """Return the pull request that brought a commit to a branch, None if someone pushed it directly.

    Raises:
        GitHubError: the pull requests cannot be read.
    """
    task = f"find the pull request of commit {sha[:7]}"
    with reading(task):
        pulls = [_pull_request(item) for item in api.get_all("commits", sha, "pulls", task=task, pages_max=1)]
    merged = [pull for pull in pulls if pull.merged_at is not None]
    # A stacked branch was merged twice; and the branch may have had another name then.
    order = {pull: (pull.base != branch, pull.merge_commit != sha, pull.number) for pull in merged}
    return min(merged, key=order.__getitem__, default=None)


def approvers(api: GitHubApi, number: int) -> tuple[str, ...]:
    """Return the logins of those whose last decision about a pull request approves it.

    Raises:
        GitHubError: the reviews cannot be read.
    """
    task = f"read the reviews of pull request {number}"
    decisions: dict[str, str] = {}
    with reading(task):
        for item in api.get_all("pulls", number, "reviews", task=task):
            if item["user"] and item["state"] in _DECISIONS:
                decisions[str(item["user"]["login"])] = item["state"]
    return tuple(login for login, state in decisions.items() if state == "APPROVED")


def _pull_request(item: Mapping[str, Any]) -> PullRequest:
    merged_at = item.get("merged_at")
    return PullRequest(
        number=int(item["number"]),
        is_open=item["state"] == "open",
        merged_at=parse_timestamp(str(merged_at)) if merged_at else None,
        head_sha=str(item["head"]["sha"]),
        merge_commit=item.get("merge_commit_sha"),
        base=str(item["base"]["ref"]),
        url=str(item.get("html_url") or ""),
    )
