"""Pull requests: their state, the commits of a file, and the pull request that brought a commit.

Sources: GitHub, "REST API endpoints for pull requests", "… for commits" and "… for pull request reviews", as
of 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sendspec.formatting import parse_timestamp
from sendspec.github.answers import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sendspec.github.api import GitHubApi

_DECISIONS: Final = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States of reviews that replace the decision before; a comment does not."""

_ASSOCIATIONS: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
"""Associations of reviewers who belong to the repository; anyone may review a public one.

GitHub shows a private member of an organisation as another user to some tokens, so it may name too few.
"""


class PullRequest(Struct, frozen=True):
    """One pull request; `merged_at` is None unless it was merged."""

    number: int
    is_open: bool
    merged_at: datetime | None
    head_sha: str
    merge_commit: str | None
    base: str
    url: str


class Commit(Struct, frozen=True):
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


def closed_pull_requests(api: GitHubApi, branch: str) -> tuple[PullRequest, ...]:
    """Return the pull requests into a branch that were closed, at most a page, the last updated first.

    Raises:
        GitHubError: they cannot be read.
    """
    task = "read the merged pull requests"
    query = {"state": "closed", "base": branch, "sort": "updated", "direction": "desc"}
    with reading(task):
        return tuple(
            _pull_request(item) for item in api.get_all("pulls", task=task, query=query, pages_max=1)
        )


class Approvals(Struct, frozen=True):
    """Logins of those whose last decision approves: the `last` commit of a branch, or an `earlier` one."""

    last: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


def approvals(api: GitHubApi, pull: PullRequest) -> Approvals:
    """Return who approved a pull request, of those people who belong to the repository.

    Raises:
        GitHubError: the reviews cannot be read.
    """
    task = f"read the reviews of pull request {pull.number}"
    decisions: dict[str, Mapping[str, Any]] = {}
    with reading(task):
        for item in api.get_all("pulls", pull.number, "reviews", task=task):
            user = item["user"]
            is_own = user and user.get("type") != "Bot" and item.get("author_association") in _ASSOCIATIONS
            if is_own and item["state"] in _DECISIONS:
                decisions[str(user["login"])] = item
    approved = {login: item for login, item in decisions.items() if item["state"] == "APPROVED"}
    last = tuple(login for login, item in approved.items() if item.get("commit_id") == pull.head_sha)
    return Approvals(last, tuple(login for login in approved if login not in last))


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
