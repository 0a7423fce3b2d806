"""`sendspec github`: results on GitHub, in comments of pull requests and in one issue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import click

from sendspec.cli._lib import options
from sendspec.cli._lib.absent_plan import absent_plan
from sendspec.cli._lib.completion import complete_file
from sendspec.cli._lib.console import Console
from sendspec.cli._lib.github import github_api, optional_option, optionally, report_post
from sendspec.errors import ExitCode, GitHubError, SendspecError, Usage

if TYPE_CHECKING:
    from sendspec.github import GitHubApi
    from sendspec.github.one_post import Post

_COMMENT_PERMISSIONS: Final = ("pull-requests: write",)
_REPORT_PERMISSIONS: Final = ("pull-requests: write", "contents: read")
_ISSUE_PERMISSIONS: Final = ("issues: write",)


@click.group("github")
def command() -> None:
    """Show results on GitHub: comments of pull requests, and one issue.

    GITHUB_TOKEN is the token; GITHUB_REPOSITORY, GITHUB_API_URL and GITHUB_SERVER_URL say where.
    """


@command.command("comment")
@click.argument("file", shell_complete=complete_file)
@options.directory_argument
@options.target_option
@click.option(
    "--pull-request",
    "number",
    type=click.IntRange(min=1),
    required=True,
    metavar="N",
    help="Number of the pull request.",
)
@click.option(
    "--commit",
    metavar="SHA",
    help="Commit of the branch that FILE is about; a pull request with a newer one keeps its comment.",
)
@click.option(
    "--run-url",
    metavar="URL",
    help="Address of the run of plan; if FILE is absent, the comment says that this run made no plan.",
)
@optional_option
def comment(  # noqa: PLR0913 - one parameter an option
    file: str,
    *,
    directory: str,
    target_name: str,
    number: int,
    commit: str | None,
    run_url: str | None,
    is_optional: bool,
) -> int:
    """Post the plan in FILE on a pull request, or edit the comment of the plan before.

    FILE is the output of `plan --format markdown` for the same DIR and target. A pull request has one comment
    for each of them, which is found by its hidden first line and never doubled.
    """
    from sendspec.cli._lib.post_file import read_plan
    from sendspec.report.comment_marker import comment_marker

    console = Console()
    text = absent_plan(file, run_url, target=target_name, directory=directory, commit=commit)
    if text is None:
        text = read_plan(file, comment_marker(target_name, directory).source)
    with optionally(console, is_optional=is_optional), github_api(*_COMMENT_PERMISSIONS) as api:
        _post_plan(console, api, number, commit or None, text)
    return ExitCode.OK


def _post_plan(console: Console, api: GitHubApi, number: int, commit: str | None, text: str) -> None:
    """Post a plan on an open pull request, unless it has a newer commit, or was merged meanwhile.

    Raises:
        GitHubError: the pull request is closed, or a call failed.
    """
    from sendspec.github.comments import PullRequestComments
    from sendspec.github.one_post import Change, put
    from sendspec.github.pull_requests import read_pull_request
    from sendspec.report.comment_result import read_result
    from sendspec.report.posted_plan import with_commit

    pull = read_pull_request(api, number)
    if not pull.is_open:
        state = "merged" if pull.merged_at else "closed"
        raise GitHubError(
            f"pull request {number} is {state}; the plan was not posted",
            hint="run `sendspec github report` to post what became of merged sends",
        )
    if commit is not None and commit.lower() != pull.head_sha.lower():
        console.info(f"pull request {number} has a newer commit; its own run posts the plan")
        return
    if commit is not None:
        place = api.settings
        url = f"{place.server_url}/{place.repository}/commit/{pull.head_sha}"
        text = with_commit(text, pull.head_sha, url, datetime.now(UTC))
    comments = PullRequestComments(api, number, text.partition("\n")[0].rstrip())

    def wanted(post: Post | None) -> dict[str, str] | None:
        # Only a merged pull request has a result; a writer may have added such a line to an open one.
        has_result = post is not None and read_result(post.body) is not None
        return None if has_result and not read_pull_request(api, number).is_open else {"body": text}

    change, url = put(comments, wanted)
    if change is Change.KEPT:
        console.info(f"the comment on pull request {number} has the result of its sends; it was kept")
    else:
        report_post(console, change, url, f"comment on pull request {number}")


@command.command("report")
@options.directory_argument
@options.target_option
@click.option(
    "--receipt",
    "receipt_name",
    metavar="FILE",
    help="Receipt of the run of apply that just ended, so that the comments show why it failed.",
)
@click.option(
    "--plan-failed",
    is_flag=True,
    help="The run of apply ended before it sent: show why, and read no receipt.",
)
@click.option(
    "--days",
    type=click.IntRange(min=1, max=365),
    default=30,
    show_default=True,
    help="Days after the last news of a send in which its comment is edited.",
)
@click.option(
    "--not-received-url",
    "failed_csv_url",
    metavar="URL",
    help="Address of the list of recipients who got nothing, for a link in the comments.",
)
@options.contacts_directory_option
@optional_option
def report(  # noqa: PLR0913 - one parameter an option
    *,
    directory: str,
    target_name: str,
    receipt_name: str | None,
    plan_failed: bool,
    days: int,
    failed_csv_url: str | None,
    contacts_directory: str | None,
    is_optional: bool,
) -> int:
    """Show on each merged pull request what became of its sends, instead of the plan.

    Run it after apply and after status. The pull request of a send is the last one that changed its
    campaign, a list of it or sendspec.yaml before the send. A comment with newer information is kept.
    """
    from sendspec.cli._lib.github_report import Run, post_failure, post_results
    from sendspec.cli._lib.github_results import read_results
    from sendspec.cli._lib.receipt_file import read_failure
    from sendspec.report.escape.markdown import Markdown
    from sendspec.report.run_failure import failure_of_error

    if failed_csv_url is not None and not Markdown.is_url(failed_csv_url):
        raise Usage("--not-received-url is not an http URL", hint="omit it, or use the URL of the artifact")
    console = Console()
    has_ended = plan_failed or receipt_name is not None
    failure = None if plan_failed or receipt_name is None else read_failure(receipt_name, target_name)
    at = datetime.now(UTC)
    try:
        results = read_results(
            console,
            directory,
            target_name,
            timedelta(days=days),
            at,
            needs_all=has_ended,
            contacts_directory=contacts_directory,
        )
    except SendspecError as error:
        if not has_ended:
            raise
        unknown = failure or failure_of_error(error)
        with optionally(console, is_optional=is_optional), github_api(*_REPORT_PERMISSIONS) as api:
            post_failure(console, api, unknown, target=target_name, directory=directory, at=at)
        raise
    with optionally(console, is_optional=is_optional), github_api(*_REPORT_PERMISSIONS) as api:
        run = Run(failure, failed_csv_url, has_ended=has_ended)
        post_results(console, api, results, run)
    return ExitCode.OK


@command.command("issue")
@click.argument("file", shell_complete=complete_file)
@click.option("--title", metavar="TEXT", help="Title of the issue.")
@click.option("--label", "labels", metavar="NAME", multiple=True, help="Label of a new issue; repeatable.")
@click.option(
    "--close", "closes", is_flag=True, help="Close the issue instead, with FILE as its last comment."
)
@optional_option
def issue(file: str, *, title: str | None, labels: tuple[str, ...], closes: bool, is_optional: bool) -> int:
    """Open the issue of FILE, or edit it, and open it again if it was closed.

    FILE is the output of `watch --format markdown`. Its hidden first line names the one issue, which is never
    doubled.
    """
    from sendspec.cli._lib.post_file import read_watch
    from sendspec.github.issues import Issues, close_issue, open_issue

    if closes == (title is not None):
        raise Usage(
            "an issue needs either --title or --close", hint="use --title to open it, --close to close it"
        )
    console = Console()
    text = read_watch(file)
    with optionally(console, is_optional=is_optional), github_api(*_ISSUE_PERMISSIONS) as api:
        issues = Issues(api, text.partition("\n")[0].rstrip(), labels)
        if title is not None:
            report_post(console, *open_issue(issues, title, text), "issue")
        else:
            closed = close_issue(issues, text)
            console.info(f"issue: closed ({', '.join(closed)})" if closed else "issue: none is open")
    return ExitCode.OK
