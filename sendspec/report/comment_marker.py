"""The hidden first line of a comment, by which the next run finds the comment and edits it."""

from __future__ import annotations

from pathlib import PurePath

from sendspec.report.escape import Markdown


def comment_marker(kind: str, target: str, directory: str) -> Markdown:
    """Return a Markdown comment with the kind of report, the target and the project directory.

    An absolute directory is the checkout of one machine, so only its name counts.
    """
    path = PurePath(directory)
    place = path.name if path.is_absolute() else path.as_posix()
    return Markdown.comment(f"sendspec-{kind}:{target}:{place}")
