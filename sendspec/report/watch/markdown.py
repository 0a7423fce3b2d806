"""What needs a person, as Markdown for an issue and the summary of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.report.comment_marker import watch_marker
from sendspec.report.escape.markdown import Markdown
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
    from sendspec.report.watch.phrases import Place
    from sendspec.watch import WatchItem, WatchResult

BYTES_MAX: Final = 65_000
"""Bytes of a text; GitHub accepts 65,536 characters in an issue ("Limits", as of 2026-11)."""


def watch_markdown(result: WatchResult, place: Place, budget: int = BYTES_MAX) -> str:
    """Return the items as GitHub Markdown, with the hidden marker of its target and directory first.

    Items that do not fit into `budget` bytes are counted.
    """
    mark = "⚠️" if result.items else "✅"
    parts = [
        watch_marker(result.target, place.directory),
        Markdown.of("## {} {}", mark, headline(result)),
    ]
    branch = "" if result.branch is None else f". {branch_text(result.branch)}"
    foot = Markdown.of("<sub>target {}, checked {}{}</sub>", result.target, instant_text(result.at), branch)
    left = budget - sum(part.size for part in parts) - foot.size - 200  # Of the separators and the count.
    shown: list[Markdown] = []
    for item in result.items:
        text = _item(item, result, place)
        left -= text.size + 1
        if left < 0:
            break
        shown.append(text)
    if shown:
        parts.append(Markdown.join("\n", shown))
    if rest := len(result.items) - len(shown):
        parts.append(Markdown.of("**{} more**, which {} shows.", pluralize(rest, "thing"), _watch(place)))
    return Markdown.join("\n\n", [*parts, foot]).source + "\n"


def _item(item: WatchItem, result: WatchResult, place: Place) -> Markdown:
    mark = Markdown("🕒 ") if item.is_closing else Markdown("")
    name = Markdown("") if item.address is None else Markdown.of("**{}**: ", Markdown.code(item.address))
    lines = [Markdown.of("- {}{}{}", mark, name, cause_text(item))]
    if details := [*detail_texts(item, result.at)]:
        lines.append(Markdown.of("  <br>{}", "; ".join(details)))
    command = command_text(item, place)
    action = Markdown.of("  <br>→ {}", Markdown.prose(action_text(item)))
    lines.append(action if command is None else action + Markdown.of(": {}", Markdown.code(command)))
    return Markdown.join("\n", lines)


def _watch(place: Place) -> Markdown:
    return Markdown.code(place.command("watch"))
