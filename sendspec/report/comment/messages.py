"""The texts of a plan as people read them, in blockquotes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sendspec.report.comment.fitting import Section
from sendspec.report.escape import Markdown
from sendspec.report.review import Recipient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.report.review import Message, Review, SendReview


def messages_section(review: Review, *, full: bool) -> Section | None:
    """Return one quote for each send that goes out or waits for a decision."""
    items = tuple(_quote(send, full=full) for send in review.sends)
    if not items:
        return None
    title = Markdown("### What people read\n\n")
    return Section(title, items, "send", 0.3, separator=Markdown("\n\n"))


def _quote(send: SendReview, *, full: bool) -> Markdown:
    parts = [_title(send)]
    if send.text_note:
        parts.append(Markdown.of("*{}*", send.text_note))
    for message in send.messages if full else send.messages[:1]:
        parts.append(_text(message))
        notes = list(message.notes)
        if len(send.messages) > 1 and (full or Recipient.TYPICAL not in message.recipients):
            notes.append(f"text of {message.reader}")
        parts.append(Markdown.of("<sub>{}</sub>", " · ".join(notes)))
    parts += [Markdown.of("🔁 {}", text) for text in send.also]
    if send.who:
        parts.append(Markdown.of("<sub>{}</sub>", " · ".join(send.who)))
    return Markdown.of("> {}", Markdown.join("\n>\n> ", parts))


def _title(send: SendReview) -> Markdown:
    return Markdown.of("{} **{}** · {}", Markdown.code(send.planned.sign.value), send.address, send.headline)


def _text(message: Message) -> Markdown:
    """Return a text with its line breaks; values of the recipient are bold, costly characters underlined."""
    lines, start = [], 0
    for line in message.text.split("\n"):
        lines.append(Markdown.join("", list(_pieces(message, start, start + len(line)))))
        start += len(line) + 1
    return Markdown.join("<br>", lines)


def _pieces(message: Message, start: int, end: int) -> Iterator[Markdown]:
    costly = {found.offset for found in message.costly if start <= found.offset < end}
    boundaries = {offset for offset in message.segment_starts[1:] if start <= offset < end}
    ends = {min(max(edge, start), end) for value in message.values for edge in value}
    edges = sorted({start, end, *ends, *costly, *(offset + 1 for offset in costly), *boundaries})
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
