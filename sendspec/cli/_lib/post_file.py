"""The file with the Markdown of a comment or an issue, whose first line is a hidden marker."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sendspec.cli._lib.console import error_reason
from sendspec.errors import SendspecError
from sendspec.github.comments import COMMENT_CHARACTERS_MAX

_BYTES_MAX: Final = 4 * COMMENT_CHARACTERS_MAX + 1
"""More bytes of UTF-8 than a text that fits can have."""


def read_post(name: str, *, marker: str | None = None) -> str:
    """Return the text of a file that GitHub accepts.

    Raises:
        SendspecError: the file cannot be read, is not such a text, or has another first line than `marker`.
    """
    from sendspec.report.comment_marker import is_marker

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
    first = text.partition("\n")[0].rstrip("\r")
    if marker is None and not is_marker(first):
        raise SendspecError(
            f"the first line of {name} is not a hidden marker of sendspec; nothing was posted",
            hint="name a file that sendspec wrote with --format markdown",
        )
    if marker is not None and first != marker:
        raise SendspecError(
            f"the first line of {name} is not {marker}; nothing was posted",
            hint="use the target and the directory with which sendspec wrote the file",
        )
    if len(text) > COMMENT_CHARACTERS_MAX:
        raise SendspecError(
            f"{name} has more than {COMMENT_CHARACTERS_MAX:,} characters; nothing was posted",
            hint="use --send for fewer sends, or use the Markdown of `plan`, which always fits",
        )
    return text
