"""What needs a person, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.report.escape import escape_text
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


def watch_text(result: WatchResult, place: Place) -> str:
    """Return a paragraph for each item, the most urgent first, and the time of the check."""
    lines = [f"{headline(result)} (target {escape_text(result.target)}, {instant_text(result.at)})"]
    for item in result.items:
        lines += ["", *_lines(item, result, place)]
    if result.branch is not None:
        lines += ["", escape_text(branch_text(result.branch))]
    return "\n".join(lines) + "\n"


def _lines(item: WatchItem, result: WatchResult, place: Place) -> Iterator[str]:
    mark = "!" if item.is_closing else "-"
    name = "" if item.address is None else f"{escape_text(item.address)}: "
    yield f"{mark} {name}{escape_text(cause_text(item))}"
    if details := [escape_text(text) for text in detail_texts(item, result.at)]:
        yield f"    {'; '.join(details)}"
    command = command_text(item, place)
    yield f"    {action_text(item)}{':' if command else ''}"
    if command:
        yield f"      {escape_text(command)}"
