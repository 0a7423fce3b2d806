"""The merged pull request that some files had at an instant, without the history of a checkout."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.github.pull_requests import commits_of, merged_pull_request

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sendspec.github.api import GitHubApi
    from sendspec.github.pull_requests import Commit, PullRequest

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_COMMITS_MAX: Final = 10
"""Commits of one file that are looked up: those that were made, but not merged, before a send."""


class Origin(Struct, frozen=True):
    """A merged pull request, and whether someone pushed a later change without a pull request."""

    pull: PullRequest
    is_pushed_over: bool


class _Change(Struct, frozen=True):
    """The last pull request of a file with its time and number, and a later push without one."""

    merged: tuple[datetime, int, PullRequest] | None
    pushed_at: datetime | None


class MergedPullRequests:
    """Finds pull requests, and asks GitHub once for each file and for each commit."""

    def __init__(self, api: GitHubApi, branch: str) -> None:
        self._api = api
        self._branch = branch
        self._commits: dict[str, tuple[Commit, ...]] = {}
        self._pulls: dict[str, PullRequest | None] = {}

    @property
    def files(self) -> Collection[str]:
        """The files that were asked for."""
        return self._commits.keys()

    def find(self, paths: Iterable[str], until: datetime | None) -> Origin | None:
        """Return the pull request that changed one of some files last before `until`, or now.

        None means that no pull request changed them, as far as GitHub knows.

        Raises:
            GitHubError: GitHub refused a call, or did not answer.
        """
        changes = [self._last(path, until) for path in paths]
        merged = [change.merged for change in changes if change.merged is not None]
        if not merged:
            return None
        at, _, pull = last = max(merged, key=lambda item: item[:2])
        pushes = ((change, change.pushed_at) for change in changes if change.pushed_at is not None)
        return Origin(pull, any(change.merged == last or pushed > at for change, pushed in pushes))

    def _last(self, path: str, until: datetime | None) -> _Change:
        if path not in self._commits:
            self._commits[path] = commits_of(self._api, path, self._branch)
        limit = None if until is None else until + _CLOCKS_DIFFER
        known = [commit for commit in self._commits[path] if limit is None or commit.at <= limit]
        pushed_at = None
        for commit in known[:_COMMITS_MAX]:
            pull = self._pull(commit.sha)
            if pull is None or pull.merged_at is None:
                pushed_at = pushed_at or commit.at
            # A commit is older than its merge, so it may not have been on the branch yet.
            elif limit is None or pull.merged_at <= limit:
                return _Change((pull.merged_at, pull.number, pull), pushed_at)
        return _Change(None, pushed_at)

    def of_commit(self, sha: str) -> PullRequest | None:
        """Return the merged pull request of a commit; raise GitHubError as `find`."""
        return self._pull(sha)

    def _pull(self, sha: str) -> PullRequest | None:
        if sha not in self._pulls:
            self._pulls[sha] = merged_pull_request(self._api, sha, self._branch)
        return self._pulls[sha]
