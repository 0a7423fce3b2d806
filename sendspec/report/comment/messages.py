"""The texts of a plan as people read them, in blockquotes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sendspec.model import Sign
from sendspec.report.action_text import (
    RECIPIENTS_FIELD,
    action_text,
    limits_text,
    notes,
    recipients_section,
    source_text,
)
from sendspec.report.clusters import cluster_ceiling, cluster_floor, cluster_starts
from sendspec.report.comment.changes import edit
from sendspec.report.comment.fitting import Section
from sendspec.report.escape.markdown import Markdown
from sendspec.report.review import Recipient
from sendspec.report.totals import sends_again

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import PlannedSend
    from sendspec.report.review import Message, Review, SendReview

_GOING: Final = (Sign.SEND, Sign.RESUME, Sign.WAITING)


def messages_section(review: Review, *, full: bool) -> Section | None:
    """Return one quote for each send that goes out or waits for a decision, but none of an edited one."""
    shown = (send for send in review.sends if send.planned.sign is not Sign.EDITED)
    items = tuple(_quote(send, full=full) for send in shown)
    if not items:
        return None
    title = Markdown("### What people read\n\n")
    return Section(title, items, "send", 0.3, separator=Markdown("\n\n"))


def edited_section(review: Review) -> Section | None:
    """Return the edits of sends that were sent before: people do not read the new words."""
    edited = [send for send in review.sends if send.planned.sign is Sign.EDITED]
    if not edited:
        return None
    items = [_lines([_title(send), *_changes(send.planned), *_delivery(send.planned)]) for send in edited]
    title = Markdown("### Edited after it was sent\n\n")
    return Section(title, tuple(items), "edited send", 0.1, separator=Markdown("\n\n"))


def _quote(send: SendReview, *, full: bool) -> Markdown:
    parts = [_title(send)]
    if send.text_note:
        parts.append(Markdown.of("*{}*", send.text_note))
    for message in send.messages if full else send.messages[:1]:
        parts.append(_text(message))
        facts = list(message.notes)
        if len(send.messages) > 1 and (full or Recipient.TYPICAL not in message.recipients):
            facts.append(f"text of {message.reader}")
        parts.append(Markdown.of("<sub>{}</sub>", " · ".join(facts)))
    parts += [Markdown.of("🔁 {}", text) for text in send.also]
    if send.who:
        parts.append(Markdown.of("<sub>{}</sub>", " · ".join(send.who)))
    parts += [Markdown.of("<sub>{}</sub>", note) for note in notes(send.planned)]
    return _lines([*parts, *_changes(send.planned), *_delivery(send.planned)])


def _lines(parts: list[Markdown]) -> Markdown:
    return Markdown.of("> {}", Markdown.join("\n>\n> ", parts))


def _changes(planned: PlannedSend) -> Iterator[Markdown]:
    """Yield what differs from the revision that was last sent or tried, word by word in texts."""
    changes = [
        Markdown.of("{}: {}", Markdown.code(change.field), edit(change.sent, change.now))
        for change in planned.changes
        if change.field != RECIPIENTS_FIELD
    ]
    if not planned.changes and sends_again(planned):
        changes.append(Markdown("nothing else changed"))
    changes += map(Markdown.text, recipients_section(planned))
    if changes:
        first = Markdown.text(f"compared with revision {planned.base_revision}:")
        yield Markdown.of("<sub>{}</sub>", Markdown.join("<br>", [first, *changes]))


def _delivery(planned: PlannedSend) -> Iterator[Markdown]:
    """Yield the endpoint, what apply does, and until when."""
    parts = [f"endpoint: {source_text(planned)}"]
    if planned.sign in _GOING or planned.moved_from:
        parts.append(f"delivery: {action_text(planned)}")
    if planned.pending and (limits := limits_text(planned)):
        parts.append(f"limits: {limits}")
    yield Markdown.of("<sub>{}</sub>", Markdown.prose(" · ".join(parts)))


def _title(send: SendReview) -> Markdown:
    sign, headline = Markdown.code(send.planned.sign.value), Markdown.prose(send.headline)
    return Markdown.of("{} **{}** · {}", sign, send.address, headline)


def _text(message: Message) -> Markdown:
    """Return a text with its line breaks; values of the recipient are bold, costly characters underlined."""
    lines, start = [], 0
    for line in message.text.split("\n"):
        lines.append(Markdown.join("", list(_pieces(message, start, start + len(line)))))
        start += len(line) + 1
    return Markdown.join("<br>", lines)


def _pieces(message: Message, start: int, end: int) -> Iterator[Markdown]:
    """Yield the parts of a line, which are whole grapheme clusters; a cut within one is marked before it."""
    starts = cluster_starts(message.text)
    costly = {cluster_floor(starts, found.offset) for found in message.costly if start <= found.offset < end}
    cuts = (cluster_floor(starts, offset) for offset in message.segment_starts[1:])
    boundaries = {offset for offset in cuts if start <= offset < end}
    ends = {min(max(edge, start), end) for value in message.values for edge in value}
    after = (min(cluster_ceiling(starts, offset + 1), end) for offset in costly)
    edges = sorted({start, end, *ends, *costly, *after, *boundaries})
    for first, last in pairwise(edges):
        if first in boundaries:
            yield Markdown("<sub>✂</sub>")
        text = message.text[first:last]
        if first in costly:
            yield Markdown.of("<ins>{}</ins>", text)
        elif any(begin <= first < stop for begin, stop in message.values):
            yield Markdown.of("<b>{}</b>", text)
        else:
            yield Markdown.text(text)
