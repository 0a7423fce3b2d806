"""Which merged pull request each send belongs to, and what each pull request has to show."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sendspec.formatting import first_names, pluralize

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sendspec.cli._lib.console import Console
    from sendspec.cli._lib.github_results import Results
    from sendspec.github import GitHubApi
    from sendspec.github.pull_requests import PullRequest
    from sendspec.model import PlannedSend

_FILES_MAX: Final = 100
_PULL_REQUESTS_MAX: Final = 30
"""Files and pull requests of one report, so that it takes a small part of GitHub's rate limit.

A job's token has 1,000 requests an hour and repository ("Rate limits for the REST API", as of 2026-11).
"""
_NAMES_MAX: Final = 5
_CHECKOUT_AGE_MAX: Final = timedelta(hours=1)
"""A pull request that was merged later may be missing in the checkout of this run."""


class Share(Struct):
    """What the comment of one pull request shows.

    `sends` belong to it. `replaced` has, by the number of a later pull request, the addresses of sends that
    it changed before the later one did. `is_pushed_over` says that someone pushed a later change without
    a pull request.
    """

    sends: list[PlannedSend] = field(default_factory=list)
    replaced: dict[int, list[str]] = field(default_factory=dict)
    is_pushed_over: bool = False


def shares(console: Console, api: GitHubApi, results: Results) -> dict[PullRequest, Share]:
    """Return what each merged pull request has to show, in the order of their numbers.

    Raises:
        GitHubError: a call failed.
    """
    from sendspec.github.merged_pull_requests import MergedPullRequests
    from sendspec.github.pull_requests import default_branch

    branch = default_branch(api)
    finder = MergedPullRequests(api, branch)
    found: dict[PullRequest, Share] = {}
    left_out: set[str] = set()
    pushed: set[str] = set()
    for send in results.recent():
        paths, until = results.paths(send), results.first_request(send)
        if len({*finder.files, *paths}) > _FILES_MAX:
            left_out.add(send.send.campaign)
            continue
        origin = finder.find(paths, until)
        if origin is None:
            pushed.add(paths[0])
        elif until is not None or not _is_old(origin.pull, results):
            first = finder.find(paths[:1], until)
            earlier = first.pull if first is not None and first.pull != origin.pull else None
            if len(found.keys() | {origin.pull, earlier or origin.pull}) > _PULL_REQUESTS_MAX:
                left_out.add(send.send.campaign)
                continue
            share = found.setdefault(origin.pull, Share())
            share.sends.append(send)
            share.is_pushed_over |= origin.is_pushed_over
            if earlier is not None:
                replaced = found.setdefault(earlier, Share()).replaced
                replaced.setdefault(origin.pull.number, []).append(send.address)
    _note(console, "without a merged pull request, so without a comment", pushed)
    _note(console, "left out, because others have later news", left_out)
    if not any(share.sends for share in found.values()):
        console.info("no merged pull request has recent sends")
    if not left_out and not results.is_partial:
        left = _PULL_REQUESTS_MAX - len(found)
        others = [pull for pull in _recent(api, branch, results.at, results.window) if pull not in found]
        found |= {pull: Share() for pull in others[: max(left, 0)]}
    return dict(sorted(found.items(), key=lambda item: item[0].number))


def _recent(api: GitHubApi, branch: str, at: datetime, window: timedelta) -> Iterator[PullRequest]:
    """Yield the pull requests that were merged lately, but not after the checkout of this run."""
    from sendspec.github.pull_requests import closed_pull_requests

    for pull in closed_pull_requests(api, branch):
        if pull.merged_at is not None and at - window <= pull.merged_at <= at - _CHECKOUT_AGE_MAX:
            yield pull


def _is_old(pull: PullRequest, results: Results) -> bool:
    return pull.merged_at is None or pull.merged_at < results.at - results.window


def _note(console: Console, what: str, names: Collection[str]) -> None:
    """Write which campaigns have no comment, and why."""
    if names:
        first = first_names(sorted(names), _NAMES_MAX)
        console.info(f"note: {pluralize(len(names), 'campaign')} {what}: {first}")
