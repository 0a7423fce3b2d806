"""The difference from a base as lines: edited texts word by word, other values before and now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sendspec.formatting import pluralize
from sendspec.model import BaseState, DifferenceKind
from sendspec.report.difference_text import (
    base_name,
    base_notes,
    carried_line,
    carried_title,
    counts_text,
    headline_of,
    not_compared_text,
    people_lines,
)
from sendspec.report.escape.plain import escape_text, escape_value
from sendspec.report.terminal.lines import Line, Span, Style
from sendspec.word_spans import word_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import FieldChange, PlanDifference, PlannedSend, SendDifference, TimeChange
    from sendspec.word_spans import WordSpan

_INDENT: Final = "    "
_MARKS: Final = ("[-", "-]", "{+", "+}")
"""The marks of `git diff --word-diff`, for words that were removed and added."""


def difference_lines(
    difference: PlanDifference, sends: Iterable[PlannedSend], *, is_blocked: bool
) -> Iterator[Line]:
    """Yield the difference line by line: a summary, the sends that differ, and those carried along.

    `sends` are those of the plan; `is_blocked` means that its errors keep apply from sending them now.
    """
    planned = {send.address: send for send in sends}
    base = difference.base
    if base.state is BaseState.NOT_VALID:
        problems = pluralize(len(base.problems), "problem")
        yield _line(f"Not compared with {base_name(base)}: {problems} in its specs.")
        yield from (_line(note, 1) for note in base_notes(base))
        return
    yield _line(f"Compared with {base_name(base)}: {counts_text(difference)}.")
    yield from (_line(note, 1) for note in base_notes(base))
    for send in difference.sends:
        if send.kind is not DifferenceKind.UNTOUCHED:
            yield from _send_lines(send, planned.get(send.address))
    for change in difference.settings:
        yield from _field_lines(change, 1, "setting ")
    if difference.carried:
        title = carried_title(is_blocked=is_blocked)
        yield _line(f"{title}: {pluralize(len(difference.carried), 'send')}.")
        yield from (_line(escape_text(line), 1) for line in map(carried_line, difference.carried))


def _line(content: str | tuple[Span, ...], level: int = 0, mark: str = "") -> Line:
    lead = _INDENT * level + mark
    return Line(content, lead, f"{lead}  ")


def _send_lines(difference: SendDifference, now: PlannedSend | None) -> Iterator[Line]:
    yield _line(escape_text(f"{difference.address}: {headline_of(difference)}"), 1)
    for change in difference.fields:
        yield from _field_lines(change, 2)
    yield from (_line(_time_text(change), 2) for change in difference.times)
    if difference.fields and (segments := _segments(difference, now)) is not None:
        yield _line(segments, 2)
    if difference.audience is not None:
        yield from (_line(line, 2) for line in people_lines(difference.audience))
    if difference.not_compared is not None:
        yield _line(not_compared_text(difference.not_compared), 2)


def _segments(difference: SendDifference, now: PlannedSend | None) -> str | None:
    """Return how many segments the send has against those of the base, None if they are equal."""
    pair = [planned.facts for planned in (difference.base, now) if planned and planned.facts]
    counts = [facts.segments for facts in pair if facts.segments is not None]
    if len(counts) != len(("before", "now")) or counts[0] == counts[1]:
        return None
    return f"segments: {counts[0]:,} → {counts[1]:,}"


def _field_lines(change: FieldChange, level: int, prefix: str = "") -> Iterator[Line]:
    """Yield a property on one line if some words of a text stay, else its value before and now."""
    name = f"{prefix}{change.field}"
    spans = _edited_text(name, change.before, change.now)
    if spans:
        yield _line(spans, level)
        return
    yield _line(escape_text(name), level)
    yield _line(f"- {_value(change.before)}", level, "  ")
    yield _line(f"+ {_value(change.now)}", level, "  ")


def _edited_text(name: str, before: Any, now: Any) -> tuple[Span, ...]:
    """Return an edited text with marks around its edited words, which colours repeat.

    Return nothing if the texts have no word in common, or have a mark themselves, which would look like
    an edit.
    """
    if not isinstance(before, str) or not isinstance(now, str):
        return ()
    words = word_spans(before, now)
    if not any(word.is_equal and word.now.strip() for word in words):
        return ()
    if any(mark in text for mark in _MARKS for text in (before, now)):
        return ()
    parts = [Span(f'{name}: "'), *(span for word in words for span in _word(word)), Span('"')]
    inert = escape_text("".join(part.text for part in parts))
    shown = [part._replace(text=escape_text(part.text), is_quoted=True) for part in parts]
    # A command could be spread over two parts, which are inert only together.
    return tuple(shown) if "".join(part.text for part in shown) == inert else (Span(inert, is_quoted=True),)


def _word(word: WordSpan) -> Iterator[Span]:
    if word.is_equal:
        yield Span(_in_json(word.now))
        return
    removed, removed_end, added, added_end = _MARKS
    if word.before:
        yield Span(f"{removed}{_in_json(word.before)}{removed_end}", Style.DELETED)
    if word.now:
        yield Span(f"{added}{_in_json(word.now)}{added_end}", Style.ADDED)


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _time_text(change: TimeChange) -> str:
    before, now = (
        "(absent)" if at is None else at.isoformat(timespec="minutes") for at in (change.before, change.now)
    )
    return f"{change.field}: {before} → {now}"


def _value(value: Any) -> str:
    return "(absent)" if value is None else escape_value(value)
