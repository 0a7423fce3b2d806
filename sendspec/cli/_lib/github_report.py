"""The comments of merged pull requests: which sends belong to which, and what each comment shows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sendspec.cli._lib.github import report_post
from sendspec.formatting import pluralize

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sendspec.cli._lib.console import Console
    from sendspec.cli._lib.github_results import Results
    from sendspec.github import GitHubApi
    from sendspec.github.one_post import Post
    from sendspec.github.pull_requests import PullRequest
    from sendspec.model import PlannedSend
    from sendspec.report.merged_comment import MergedComment
    from sendspec.report.merged_sends import RunFailure

_FILES_MAX: Final = 60
_PULL_REQUESTS_MAX: Final = 30
"""Files and pull requests of one report, so that it takes a small part of GitHub's rate limit.

A job's token has 1,000 requests an hour and repository ("Rate limits for the REST API", as of 2026-11).
"""
_NAMES_MAX: Final = 5
_NEW_COMMENT_WITHIN: Final = timedelta(days=7)
"""A pull request without a comment gets one only if its sends are new; older ones are history."""


@dataclass(frozen=True, slots=True)
class Run:
    """The run of apply that just ended, if there was one, why it failed, and the list of who got nothing."""

    failure: RunFailure | None = None
    failed_csv_url: str | None = None
    has_ended: bool = False


def post_results(console: Console, api: GitHubApi, results: Results, run: Run) -> None:
    """Write the comment of each merged pull request that has recent sends.

    Raises:
        GitHubError: a call failed; the comments before it are written.
    """
    from sendspec.github.merged_pull_requests import MergedPullRequests
    from sendspec.github.pull_requests import default_branch

    finder = MergedPullRequests(api, default_branch(api))
    sends: dict[PullRequest, list[PlannedSend]] = {}
    left_out: set[str] = set()
    pushed: set[str] = set()
    for send in results.recent():
        file = results.files.get(send.send.campaign)
        if file is None or (file not in finder.files and len(finder.files) >= _FILES_MAX):
            left_out.add(send.send.campaign)
            continue
        until = results.first_request(send)
        pull = finder.find(file, until)
        if pull is None:
            pushed.add(file)
        elif until is None and _is_old(pull, results):
            continue
        elif pull in sends or len(sends) < _PULL_REQUESTS_MAX:
            sends.setdefault(pull, []).append(send)
        else:
            left_out.add(send.send.campaign)
    _note(console, "without a merged pull request, so without a comment", pushed)
    _note(console, "left out, because others have later news", left_out)
    if not sends:
        console.info("no merged pull request has recent sends")
    for pull, own in sorted(sends.items(), key=lambda item: item[0].number):
        _post(console, api, results, run, pull=pull, sends=sorted(own, key=lambda send: send.address))


def _note(console: Console, what: str, names: Collection[str]) -> None:
    """Write which campaigns have no comment, and why."""
    if names:
        first = ", ".join(sorted(names)[:_NAMES_MAX])
        more = f" and {len(names) - _NAMES_MAX:,} more" if len(names) > _NAMES_MAX else ""
        console.info(f"note: {pluralize(len(names), 'campaign')} {what}: {first}{more}")


def post_failure(  # noqa: PLR0913 - what is posted, about what, and where
    console: Console, api: GitHubApi, failure: RunFailure, *, target: str, directory: str, at: datetime
) -> None:
    """Write on the pull request of this run's commit that the run failed before it knew the sends.

    Only a comment that has the plan, or an earlier failure, is edited, because the sends are not known.

    Raises:
        GitHubError: a call failed.
    """
    from sendspec.github.merged_pull_requests import MergedPullRequests
    from sendspec.github.pull_requests import default_branch
    from sendspec.report.comment_result import read_result
    from sendspec.report.merged_comment import MergedComment
    from sendspec.report.merged_sends import review_failure

    sha = os.environ.get("GITHUB_SHA", "")
    pull = MergedPullRequests(api, default_branch(api)).of_commit(sha) if sha else None
    if pull is None:
        console.info("note: this commit has no merged pull request, which would show the failure")
        return
    comment = MergedComment(
        review_failure(target, failure), directory, at, pull.merged_at, run_url=run_url(api), shows_error=True
    )

    def replaces(body: str) -> bool:
        now = datetime.now(UTC)
        old = read_result(body, now)
        return (old is None or old.is_failure) and comment.is_newer_than(body, now, keeps_failure=False)

    _put(console, api, pull, comment, lambda body: body is not None and replaces(body))


def run_url(api: GitHubApi) -> str | None:
    """Return the address of this run of GitHub Actions, None outside of one."""
    from sendspec.report.escape import Markdown

    number = os.environ.get("GITHUB_RUN_ID", "")
    url = f"{api.settings.server_url}/{api.settings.repository}/actions/runs/{number}"
    return url if number.isascii() and number.isdigit() and Markdown.is_url(url) else None


def _is_old(pull: PullRequest, results: Results) -> bool:
    return pull.merged_at is None or pull.merged_at < results.at - results.window


def _post(  # noqa: PLR0913 - what is posted, from what, and where
    console: Console,
    api: GitHubApi,
    results: Results,
    run: Run,
    *,
    pull: PullRequest,
    sends: Sequence[PlannedSend],
) -> None:
    from sendspec.github.pull_requests import approvals
    from sendspec.report.comment_result import read_result
    from sendspec.report.merged_comment import MergedComment
    from sendspec.report.merged_sends import is_due, review_merged

    due = [send for send in sends if is_due(send)]
    approved = approvals(api, pull)
    comment = MergedComment(
        review_merged(results.plan, results.ledger, results.statuses, sends, run.failure),
        results.directory,
        results.at,
        pull.merged_at,
        approvers=approved.last,
        earlier_approvers=approved.earlier,
        failed_csv_url=run.failed_csv_url,
        run_url=run_url(api),
        shows_error=run.failure is not None and bool(due),
    )
    last = results.last_result(sends)
    is_new = max(filter(None, (pull.merged_at, last))) >= results.at - _NEW_COMMENT_WITHIN

    def replaces(body: str | None) -> bool:
        if body is None:
            return is_new
        now = datetime.now(UTC)
        old = read_result(body, now)
        has_news = old is None or not due or (last is not None and last > old.at)
        return comment.is_newer_than(body, now, keeps_failure=not run.has_ended and not has_news)

    _put(console, api, pull, comment, replaces)


def _put(
    console: Console,
    api: GitHubApi,
    pull: PullRequest,
    comment: MergedComment,
    replaces: Callable[[str | None], bool],
) -> None:
    """Create or edit a comment if it replaces the text that is there, None without a comment."""
    from sendspec.github.comments import PullRequestComments
    from sendspec.github.one_post import Change, put

    def wanted(post: Post | None) -> dict[str, str] | None:
        body = None if post is None else post.body
        return {"body": comment.body(body or "")} if replaces(body) else None

    comments = PullRequestComments(api, pull.number, comment.marker)
    change, url = put(comments, wanted, ordered=True)
    name = f"comment on pull request {pull.number}"
    if change is Change.KEPT and not url:
        console.info(f"{name}: not created, because its sends are not new")
    else:
        report_post(console, Change.UNCHANGED if change is Change.KEPT else change, url, name)
