"""The hidden first line of a comment or an issue, by which the next run finds and edits it."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from sendspec.report.escape import Markdown

if TYPE_CHECKING:
    from typing import LiteralString

_ANY: Final = re.compile(r"<!-- sendspec(?:-[a-z]+)?:[^<>]+ -->")


def comment_marker(target: str, directory: str) -> Markdown:
    """Return the hidden line of a pull request's comment, with the target and the project directory.

    It has no kind of report, so the comment with a plan becomes the one with the result. An absolute
    directory is the checkout of one machine, so only its name counts.
    """
    return Markdown.comment(f"sendspec:{target}:{_place(directory)}")


def issue_marker(kind: LiteralString, target: str, directory: str) -> Markdown:
    """Return the hidden line of an issue about a target and a project directory, of one kind."""
    return Markdown.comment(f"sendspec-{kind}:{target}:{_place(directory)}")


def is_marker(line: str) -> bool:
    """Return whether a line is the hidden line of a comment or of an issue."""
    return _ANY.fullmatch(line) is not None


def _place(directory: str) -> str:
    path = PurePath(directory)
    return path.name if path.is_absolute() else path.as_posix()
