"""The merged pull request that a campaign file had at an instant, without the history of a checkout."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sendspec.github.pull_requests import commits_of, merged_pull_request

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sendspec.github.api import GitHubApi
    from sendspec.github.pull_requests import Commit, PullRequest

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_COMMITS_MAX: Final = 10
"""Commits of one file that are looked up: those that were made, but not merged, before a send."""


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

    def find(self, path: str, until: datetime | None) -> PullRequest | None:
        """Return the pull request that changed a file last before `until`, or now.

        None means that the last change was pushed without a pull request, or is not known to GitHub.

        Raises:
            GitHubError: GitHub refused a call, or did not answer.
        """
        if path not in self._commits:
            self._commits[path] = commits_of(self._api, path, self._branch)
        known = [
            commit for commit in self._commits[path] if until is None or commit.at <= until + _CLOCKS_DIFFER
        ]
        for commit in known[:_COMMITS_MAX]:
            pull = self._pull(commit.sha)
            # A commit is older than its merge, so it may not have been on the branch yet.
            if pull is None or pull.merged_at is None:
                return None
            if until is None or pull.merged_at <= until + _CLOCKS_DIFFER:
                return pull
        return None

    def of_commit(self, sha: str) -> PullRequest | None:
        """Return the merged pull request of a commit; raise GitHubError as `find` does."""
        return self._pull(sha)

    def _pull(self, sha: str) -> PullRequest | None:
        if sha not in self._pulls:
            self._pulls[sha] = merged_pull_request(self._api, sha, self._branch)
        return self._pulls[sha]
