"""The changes against a base as Markdown, word by word in texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sendspec.model import DifferenceKind
from sendspec.plan import blocking_findings
from sendspec.report.comment.fitting import Section
from sendspec.report.difference_text import (
    base_name,
    base_notes,
    carried_line,
    counts_text,
    headline_of,
    not_compared_text,
    people_lines,
)
from sendspec.report.escape.markdown import Markdown
from sendspec.report.escape.plain import escape_value
from sendspec.word_spans import word_spans

if TYPE_CHECKING:
    from datetime import datetime

    from sendspec.model import Plan, SendDifference

_SIGNS: Final = {
    DifferenceKind.NEW: "🆕",
    DifferenceKind.EDITED: "✏️",
    DifferenceKind.MOVED: "🕙",
    DifferenceKind.RECIPIENTS: "👥",
    DifferenceKind.RENAMED: "🏷️",
    DifferenceKind.CANCELLED: "✖️",
    DifferenceKind.REMOVED: "✖️",
}


def changes_section(plan: Plan) -> Section | None:
    """Return what differs from the base, None without one."""
    difference = plan.difference
    if difference is None:
        return None
    title = Markdown.of("### Changed against {}: {}\n\n", base_name(difference.base), counts_text(difference))
    items = [Markdown.of("- ⚠️ {}", note) for note in base_notes(difference.base)]
    items += [_change(send) for send in difference.sends if send.kind is not DifferenceKind.UNTOUCHED]
    items += [
        Markdown.of("- ⚙️ setting {}: {}", Markdown.code(change.field), edit(change.before, change.now))
        for change in difference.settings
    ]
    verb = "would go out once the errors are fixed" if blocking_findings(plan) else "goes out"
    items += [
        Markdown.of("- 📤 {}, though this change does not touch it: {}", verb, carried_line(carried))
        for carried in difference.carried
    ]
    return Section(title, tuple(items), "change", 0.15)


def _change(send: SendDifference) -> Markdown:
    lines = [Markdown.of("- {} {}: {}", _SIGNS[send.kind], Markdown.code(send.address), headline_of(send))]
    lines += [
        Markdown.of("{}: {}", Markdown.code(time.field), edit(_when(time.before), _when(time.now)))
        for time in send.times
    ]
    lines += [
        Markdown.of("{}: {}", Markdown.code(change.field), edit(change.before, change.now))
        for change in send.fields
    ]
    lines += [
        Markdown.text(line) for line in (people_lines(send.audience) if send.audience is not None else ())
    ]
    if send.not_compared is not None:
        lines.append(Markdown.text(not_compared_text(send.not_compared)))
    return Markdown.join("<br>", lines)


def _when(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%a} {at.day} {at:%b %Y, %H:%M} (UTC{at:%z})"


def edit(before: Any, now: Any) -> Markdown:
    """Return an edit word by word for two texts, else the old and the new value."""
    if isinstance(before, str) and isinstance(now, str):
        return Markdown.join("", [_span(span.before, span.now) for span in word_spans(before, now)])
    return Markdown.of("{} → {}", _value(before), _value(now))


def _span(before: str, now: str) -> Markdown:
    if before == now:
        return Markdown.text(now)
    old = Markdown.of("<del>{}</del>", before) if before else Markdown("")
    return old + Markdown.of("<ins>{}</ins>", now) if now else old


def _value(value: Any) -> str:
    return "(absent)" if value is None else escape_value(value)
