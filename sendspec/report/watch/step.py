"""What needs a person, for a step of GitHub Actions: annotations, and outputs for the next steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.report.escape.workflow import workflow_command
from sendspec.report.watch.phrases import action_text, cause_text, command_text

if TYPE_CHECKING:
    from sendspec.report.watch.phrases import Place
    from sendspec.watch import WatchResult

_ANNOTATIONS_MAX: Final = 10
"""The annotations of one kind that GitHub shows of a step (GitHub, "Usage limits", as of 2026-11)."""


def watch_annotations(result: WatchResult, place: Place) -> str:
    """Return the items as workflow commands, at most ten, the last of which counts the others."""
    items = result.items
    shown = items if len(items) <= _ANNOTATIONS_MAX else items[: _ANNOTATIONS_MAX - 1]
    lines = []
    for item in shown:
        command = command_text(item, place)
        what = f"{action_text(item)}: {command}" if command else action_text(item)
        title = item.address or ("ledger branch" if item.branch else "specs")
        lines.append(workflow_command("warning", {"title": title}, f"{cause_text(item)}\n{what}"))
    if more := len(items) - len(shown):
        text = f"{pluralize(more, 'more thing')} in the summary"
        lines.append(workflow_command("warning", {"title": text}, text))
    return "".join(f"{line}\n" for line in lines)


def watch_outputs(result: WatchResult) -> dict[str, str]:
    """Return `needs-attention` and `items`, the number of items."""
    return {
        "needs-attention": "true" if result.items else "false",
        "items": str(len(result.items)),
    }
