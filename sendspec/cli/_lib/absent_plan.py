"""The Markdown for a plan that a run did not make, because its job was killed before."""

from __future__ import annotations

import os

from sendspec.errors import Usage


def absent_plan(
    file: str, run_url: str | None, *, target: str, directory: str, commit: str | None
) -> str | None:
    """Return that the run with this URL made no plan; None without a URL, or if the file is there.

    Raises:
        Usage: the URL cannot be a link.
    """
    from sendspec.report.comment import failure_markdown
    from sendspec.report.escape.markdown import Markdown
    from sendspec.report.plan_failure import PlanFailure

    if run_url is None:
        return None
    if not Markdown.is_url(run_url):
        raise Usage("--run-url is not an http URL", hint="omit it, or use the URL of the run")
    if os.path.lexists(file):
        return None
    what = f" of commit {commit[:7]}" if commit else ""
    failure = PlanFailure(target, (), f"The run{what} ended before it made a plan", run_url=run_url)
    return failure_markdown(failure, directory)
