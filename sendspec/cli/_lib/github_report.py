"""The comments of merged pull requests: what each of them shows, and which text it replaces."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.cli._lib.github import report_post
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.cli._lib.console import Console
    from sendspec.cli._lib.github_origins import Share
    from sendspec.cli._lib.github_results import Results
    from sendspec.github import GitHubApi
    from sendspec.github.one_post import Post
    from sendspec.github.pull_requests import PullRequest
    from sendspec.report.merged_comment import MergedComment
    from sendspec.report.run_failure import RunFailure

_NEW_COMMENT_WITHIN: Final = timedelta(days=7)
"""A pull request without a comment gets one only if its sends are new; older ones are history."""


class Run(Struct, frozen=True):
    """The run of apply that just ended, if there was one, why it failed, and the list of who got nothing."""

    failure: RunFailure | None = None
    failed_csv_url: str | None = None
    has_ended: bool = False


def post_results(console: Console, api: GitHubApi, results: Results, run: Run) -> None:
    """Write the comment of each merged pull request that has recent sends, or had them.

    Raises:
        GitHubError: a call failed; the comments before it are written.
    """
    from sendspec.cli._lib.github_origins import shares

    for pull, share in shares(console, api, results).items():
        if share.sends:
            _post(console, api, results, run, pull=pull, share=share)
        else:
            _post_replaced(console, api, results, pull=pull, share=share)


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
    from sendspec.report.escape.markdown import Markdown

    number = os.environ.get("GITHUB_RUN_ID", "")
    url = f"{api.settings.server_url}/{api.settings.repository}/actions/runs/{number}"
    return url if number.isascii() and number.isdigit() and Markdown.is_url(url) else None


def _post(  # noqa: PLR0913 - what is posted, from what, and where
    console: Console,
    api: GitHubApi,
    results: Results,
    run: Run,
    *,
    pull: PullRequest,
    share: Share,
) -> None:
    from sendspec.github.pull_requests import approvals
    from sendspec.report.comment_result import read_result
    from sendspec.report.merged_comment import MergedComment
    from sendspec.report.merged_sends import as_with_list, is_due, replaced_lines, review_merged

    sends = sorted(share.sends, key=lambda send: send.address)
    due = [send.address for send in sends if is_due(as_with_list(send, results.plan))]
    last = results.last_result(sends)
    approved = approvals(api, pull)
    review = review_merged(results.plan, results.ledger, results.statuses, sends, run.failure)
    comment = MergedComment(
        replace(review, later=(*review.later, *replaced_lines(share.replaced))),
        results.directory,
        results.at,
        pull.merged_at,
        approvers=approved.last,
        earlier_approvers=approved.earlier,
        is_pushed_over=share.is_pushed_over,
        failed_csv_url=run.failed_csv_url,
        run_url=run_url(api),
        shows_error=run.failure is not None and run.failure.is_about(due),
        is_unsent=last is None,
    )
    is_new = max(filter(None, (pull.merged_at, last))) >= results.at - _NEW_COMMENT_WITHIN

    def replaces(body: str | None) -> bool:
        if body is None:
            return is_new
        now = datetime.now(UTC)
        old = read_result(body, now)
        has_news = old is None or not due or (last is not None and last > old.at)
        return comment.is_newer_than(body, now, keeps_failure=not run.has_ended and not has_news)

    _put(console, api, pull, comment, replaces)


def _post_replaced(
    console: Console, api: GitHubApi, results: Results, *, pull: PullRequest, share: Share
) -> None:
    """Edit the comment of a pull request to which no send belongs, if it has a plan, or nothing was sent."""
    from sendspec.report.comment_result import read_result
    from sendspec.report.merged_comment import MergedComment
    from sendspec.report.merged_sends import review_replaced

    review = review_replaced(results.plan.target, share.replaced)
    comment = MergedComment(
        review, results.directory, results.at, pull.merged_at, run_url=run_url(api), is_unsent=True
    )

    def replaces(body: str | None) -> bool:
        now = datetime.now(UTC)
        old = read_result(body or "", now)
        return (
            body is not None
            and (old is None or old.is_unsent)
            and comment.is_newer_than(body, now, keeps_failure=False)
        )

    _put(console, api, pull, comment, replaces, is_rare=True)


def _put(  # noqa: PLR0913 - what is posted, where, and when
    console: Console,
    api: GitHubApi,
    pull: PullRequest,
    comment: MergedComment,
    replaces: Callable[[str | None], bool],
    *,
    is_rare: bool = False,
) -> None:
    """Create or edit a comment if it replaces the text that is there, None without a comment.

    A rare edit is not mentioned unless it is made.
    """
    from sendspec.github.comments import PullRequestComments
    from sendspec.github.one_post import Change, put

    def wanted(post: Post | None) -> dict[str, str] | None:
        body = None if post is None else post.body
        return {"body": comment.body(body or "")} if replaces(body) else None

    comments = PullRequestComments(api, pull.number, comment.marker)
    change, url = put(comments, wanted, ordered=True)
    name = f"comment on pull request {pull.number}"
    if change is Change.KEPT and is_rare:
        return
    if change is Change.KEPT and not url:
        console.info(f"{name}: not created, because its sends are not new")
    else:
        report_post(console, Change.UNCHANGED if change is Change.KEPT else change, url, name)
