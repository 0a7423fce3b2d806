"""What needs a person, as text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from sendspec.report.escape.plain import escape_text
from sendspec.report.screen import Screen
from sendspec.report.watch.phrases import (
    action_text,
    branch_text,
    cause_text,
    command_text,
    detail_texts,
    headline,
    instant_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.report.watch.phrases import Place
    from sendspec.watch import WatchItem, WatchResult

_LOG: Final = Screen()
_COMMAND: Final = "    "
_WIDTH_MIN: Final = 20


def watch_text(result: WatchResult, place: Place, screen: Screen = _LOG) -> str:
    """Return a paragraph for each item, the most urgent first, and the time of the check.

    Sentences are folded to the width of a terminal; a command stays on one line, so that it can be copied.
    """
    lines = [f"{headline(result)} (target {escape_text(result.target)}, {instant_text(result.at)})"]
    for item in result.items:
        lines += ["", *_lines(item, result, place)]
    if result.branch is not None:
        lines += ["", escape_text(branch_text(result.branch))]
    if screen.is_terminal:
        lines = [part for line in lines for part in _folded(line, screen.width)]
    return "\n".join(lines) + "\n"


def _folded(line: str, width: int) -> list[str]:
    if line.startswith(_COMMAND) or len(line) <= width:
        return [line]
    indent = "  " if line[:2] in ("! ", "- ") else " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line, max(width, _WIDTH_MIN), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _lines(item: WatchItem, result: WatchResult, place: Place) -> Iterator[str]:
    mark = "!" if item.is_closing else "-"
    name = "" if item.address is None else f"{escape_text(item.address)}: "
    yield f"{mark} {name}{escape_text(cause_text(item))}"
    if details := [escape_text(text) for text in detail_texts(item, result.at)]:
        yield f"  {'; '.join(details)}"
    command = command_text(item, place)
    yield f"  {action_text(item)}{':' if command else ''}"
    if command:
        yield f"{_COMMAND}{escape_text(command)}"
