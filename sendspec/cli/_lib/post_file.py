"""The file with the Markdown of a comment or an issue, whose first line is a hidden marker."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sendspec.cli._lib.console import error_reason
from sendspec.errors import SendspecError
from sendspec.github.comments import COMMENT_CHARACTERS_MAX

_BYTES_MAX: Final = 4 * COMMENT_CHARACTERS_MAX + 1
"""More bytes of UTF-8 than a text that fits can have."""


def read_plan(name: str, marker: str) -> str:
    """Return the Markdown of a plan whose first line is `marker`.

    Raises:
        SendspecError: the file cannot be read, or has something else.
    """
    from sendspec.report.comment.head import is_plan

    text = _read(name)
    if _first_line(text) != marker:
        raise SendspecError(
            f"the first line of {name} is not {marker}; nothing was posted",
            hint="use the target and the directory with which sendspec wrote the file",
        )
    if not is_plan(text):
        raise SendspecError(
            f"{name} is not the Markdown of a plan; nothing was posted",
            hint="name the file of `plan --format markdown=FILE`; `github report` posts results",
        )
    return text


def read_watch(name: str) -> str:
    """Return the Markdown of `watch`.

    Raises:
        SendspecError: the file cannot be read, or has something else.
    """
    from sendspec.report.comment_marker import is_watch_marker

    text = _read(name)
    if not is_watch_marker(_first_line(text)):
        raise SendspecError(
            f"{name} is not the Markdown of watch; nothing was posted",
            hint="name the file of `watch --format markdown=FILE`",
        )
    return text


def _first_line(text: str) -> str:
    return text.partition("\n")[0].rstrip("\r")


def _read(name: str) -> str:
    """Return the text of a file that GitHub accepts.

    Raises:
        SendspecError: the file cannot be read, or is not such a text.
    """
    try:
        with Path(name).open("rb") as file:
            content = file.read(_BYTES_MAX)
    except (OSError, ValueError) as error:
        raise SendspecError(
            f"cannot read {name}: {error_reason(error)}; nothing was posted",
            hint="name the file with the Markdown",
        ) from error
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(content) < _BYTES_MAX:
            raise SendspecError(
                f"{name} is not UTF-8 text; nothing was posted", hint="name the file with the Markdown"
            ) from error
        text = content.decode("utf-8", errors="replace")
    if len(text) > COMMENT_CHARACTERS_MAX:
        raise SendspecError(
            f"{name} has more than {COMMENT_CHARACTERS_MAX:,} characters; nothing was posted",
            hint="use --send for fewer sends, or use the Markdown of `plan`, which always fits",
        )
    return text
