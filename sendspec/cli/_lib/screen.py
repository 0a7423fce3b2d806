"""The screen that a report is read on: its width, its colours, and its characters."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sendspec.report.screen import Screen

if TYPE_CHECKING:
    from typing import TextIO

_OWN_CHARACTERS: Final = "•→“”"


def stream_screen(stream: TextIO) -> Screen:
    """Return the screen of a stream; a pipe and a CI log are not terminals.

    `NO_COLOR` (https://no-color.org) and `TERM=dumb` switch colours off.
    """
    is_unicode = _encodes(stream.encoding or "utf-8")
    if not stream.isatty():
        return Screen(is_unicode=is_unicode)
    has_color = not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
    return Screen(_columns(stream), is_terminal=True, has_color=has_color, is_unicode=is_unicode)


def _encodes(encoding: str) -> bool:
    try:
        _OWN_CHARACTERS.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or Screen().width
    except (OSError, ValueError):
        return Screen().width
