"""Changes against a base as a page shows them: texts word by word, times in words, people as counts."""

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
    is_at_vendor,
    not_compared_text,
    people_lines,
)
from sendspec.report.page.model import ChangedField, ChangesView, ChangeView, Edit
from sendspec.report.review.starts import offset_label
from sendspec.word_spans import word_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sendspec.model import FieldChange, PlanDifference, SendDifference

_WORDS: Final = {
    DifferenceKind.NEW: ("new", "go"),
    DifferenceKind.EDITED: ("edited", "wait"),
    DifferenceKind.MOVED: ("moved", "wait"),
    DifferenceKind.RECIPIENTS: ("recipients", "wait"),
    DifferenceKind.RENAMED: ("renamed", "wait"),
    DifferenceKind.CANCELLED: ("cancelled", "stop"),
    DifferenceKind.REMOVED: ("removed", "stop"),
}


def changes_view(
    difference: PlanDifference | None, anchors: Mapping[str, str], *, is_blocked: bool
) -> ChangesView | None:
    """Return the changes against a base, None without one; `anchors` has the cards by address."""
    if difference is None:
        return None
    is_compared = difference.base.state is not BaseState.NOT_VALID
    changed = [send for send in difference.sends if send.kind in _WORDS]
    return ChangesView(
        base=base_name(difference.base),
        summary=counts_text(difference) if is_compared else "not compared",
        notes=tuple(base_notes(difference.base)),
        sends=tuple(_change_view(send, anchors) for send in changed),
        settings=tuple(map(_field, difference.settings)),
        carried=tuple(map(carried_line, difference.carried)),
        carried_title=carried_title(is_blocked=is_blocked),
        untouched=pluralize(len(difference.of(DifferenceKind.UNTOUCHED)), "send"),
    )


def chips(difference: PlanDifference | None) -> dict[str, str]:
    """Return a word for each address that differs from the base."""
    sends = difference.sends if difference is not None else ()
    return {send.address: _word(send)[0] for send in sends if send.kind in _WORDS}


def _word(send: SendDifference) -> tuple[str, str]:
    return _WORDS[DifferenceKind.REMOVED if is_at_vendor(send) else send.kind]


def edits(before: Any, now: Any) -> Iterator[Edit]:
    """Yield what stays, what was removed and what was added, word by word for two texts."""
    if not isinstance(before, str) or not isinstance(now, str):
        yield from _whole(before, now)
        return
    for span in word_spans(before, now):
        if span.is_equal:
            yield Edit("same", span.now)
            continue
        if span.before:
            yield Edit("removed", span.before)
        if span.now:
            yield Edit("added", span.now)


def _change_view(send: SendDifference, anchors: Mapping[str, str]) -> ChangeView:
    word, tone = _word(send)
    times = [
        ChangedField(change.field, tuple(_whole(_time(change.before), _time(change.now))))
        for change in send.times
    ]
    notes = list(people_lines(send.audience)) if send.audience is not None else []
    if send.not_compared is not None:
        notes.append(not_compared_text(send.not_compared))
    return ChangeView(
        address=send.address,
        anchor=anchors.get(send.address, ""),
        word=word,
        tone=tone,
        headline=headline_of(send),
        fields=(*times, *map(_field, send.fields)),
        notes=tuple(notes),
    )


def _field(change: FieldChange) -> ChangedField:
    return ChangedField(change.field, tuple(edits(change.before, change.now)))


def _whole(before: Any, now: Any) -> Iterator[Edit]:
    if before is not None:
        yield Edit("removed", _text(before))
    if before is not None and now is not None:
        yield Edit("same", " → ")
    if now is not None:
        yield Edit("added", _text(now))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _time(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%a} {at.day} {at:%b %Y, %H:%M} {offset_label(at)}"
