"""The hidden first line of a comment or an issue, by which the next run finds and edits it."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

from sendspec.report.escape.markdown import Markdown

_WATCH: Final = re.compile(r"<!-- sendspec-watch:[^<>]+ -->")


def comment_marker(target: str, directory: str) -> Markdown:
    """Return the hidden line of a pull request's comment, with the target and the project directory.

    It has no kind of report, so the comment with a plan becomes the one with the result. An absolute
    directory is the checkout of one machine, so only its name counts.
    """
    return Markdown.comment(f"sendspec:{target}:{_place(directory)}")


def watch_marker(target: str, directory: str) -> Markdown:
    """Return the hidden line of the issue about what needs attention, with the target and the directory."""
    return Markdown.comment(f"sendspec-watch:{target}:{_place(directory)}")


def is_watch_marker(line: str) -> bool:
    """Return whether a line is the hidden line of such an issue."""
    return _WATCH.fullmatch(line) is not None


def _place(directory: str) -> str:
    path = PurePath(directory)
    return path.name if path.is_absolute() else path.as_posix()
