"""Sends of a plan as lines: what people read, who they are, and how it is delivered."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sendspec.model import DifferenceKind, Sign
from sendspec.report.action_text import (
    action_text,
    change_section,
    is_unfolded,
    limits_text,
    notes,
    property_lines,
    source_text,
)
from sendspec.report.clusters import cluster_floor, cluster_starts
from sendspec.report.escape.plain import escape_text
from sendspec.report.phrases import contacts_text, countries_text, excluded_text, list_note, query_text
from sendspec.report.review import Recipient
from sendspec.report.terminal.lines import Line, Span, Style, row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import Action, PlannedSend
    from sendspec.report.review import Message, Review, SendReview
    from sendspec.report.review.local import LocalRow

_SIGN_STYLES: Final = {
    Sign.SEND: Style.GOOD,
    Sign.RESUME: Style.RESUMED,
    Sign.WAITING: Style.NOTICE,
    Sign.DONE: Style.DIM,
    Sign.EDITED: Style.CHANGED,
    Sign.UNKNOWN: Style.BAD,
    Sign.BLOCKED: Style.BAD,
    Sign.EXPIRED: Style.DIM,
    Sign.REMOVED: Style.DIM,
}
_GOING: Final = (Sign.SEND, Sign.RESUME, Sign.WAITING)
_QUOTE: Final = "    | "


def send_lines(send: SendReview, *, full: bool) -> Iterator[Line]:
    """Yield a send that goes out, or that a person must decide about."""
    planned = send.planned
    yield _head(planned, send.headline)
    yield from (Line(escape_text(note), "    ", "      ") for note in notes(planned))
    yield from (Line(line, "    ", "      ") for line in change_section(planned))
    if planned.pending:
        yield from _text_lines(send, full=full)
    yield from _people_lines(planned, full=full)
    yield from (row("also", escape_text(text)) for text in send.also)
    if send.local:
        note = list_note(planned)
        times = "; ".join(map(_local_text, send.local))
        yield row("local", escape_text(f"{times} ({note})" if note else times))
    if planned.sign in _GOING or planned.moved_from:
        yield row("delivery", escape_text(action_text(planned)))
    if planned.pending and (limits := limits_text(planned)):
        yield row("limits", limits)
    if planned.pending:
        yield from (Line(line, "    ", "      ") for line in property_lines(planned, full=full))


def folded_addresses(review: Review) -> frozenset[str]:
    """Return the sends for which one line is enough: they wait as in the base, and nothing is to say."""
    difference = review.plan.difference
    same = difference.of(DifferenceKind.UNTOUCHED) if difference else ()
    untouched = {each.address for each in same if each.not_compared is None}
    return frozenset(
        send.address for send in review.sends if send.address in untouched and _waits_without_note(send)
    )


def _waits_without_note(send: SendReview) -> bool:
    planned = send.planned
    has_note = send.also or planned.moved_from or planned.changes or any(notes(planned))
    return planned.sign is Sign.WAITING and not has_note


def folded_send(send: SendReview) -> Line:
    """Return a send that the base has as it is."""
    return _head(send.planned, f"{send.headline}; untouched")


def action_lines(review: Review, *, full: bool) -> Iterator[Line]:
    """Yield an action on one line: those that a person must see, or all if `full`."""
    for action in (*review.removed, *review.settled):
        if full or action in review.removed or is_unfolded(action):
            yield _head(action, action_text(action))


def _head(action: Action, text: str) -> Line:
    style = _SIGN_STYLES[action.sign]
    address = Span(escape_text(action.address), Style.STRONG if style is not Style.DIM else style)
    return Line(
        (
            Span(f"{action.sign.value} ", style),
            address,
            Span(f"  {source_text(action)}  {escape_text(text)}"),
        ),
        hang="    ",
    )


def _text_lines(send: SendReview, *, full: bool) -> Iterator[Line]:
    if send.text_note:
        yield row("text", escape_text(send.text_note))
    shown = send.messages if full else send.messages[:1]
    for message in shown:
        if len(send.messages) > 1 and (full or Recipient.TYPICAL not in message.recipients):
            source = f" ({message.source})" if full else ""
            yield row("reader", escape_text(f"{message.reader}{source}"))
        yield from _quote(message)
        yield row("length", escape_text("; ".join(message.notes)))


def _quote(message: Message) -> Iterator[Line]:
    """Yield the text as its recipient reads it, with marked values and the starts of later segments."""
    marks = _segment_marks(message)
    start = 0
    for text in message.text.split("\n"):
        end = start + len(text)
        yield Line(tuple(_marked(message, marks, start, end)), _QUOTE, _QUOTE, is_prose=True)
        start = end + 1


def _segment_marks(message: Message) -> Mapping[int, str]:
    """Return what marks the start of each segment but the first, such as `<2/3>`, by its offset.

    It does not start with a bracket, because a runner of workflows executes `##[`.
    """
    count = len(message.segment_starts)
    if count == 1:
        return {}
    clusters = cluster_starts(message.text)
    return {
        cluster_floor(clusters, start): f"<{number}/{count}>"
        for number, start in enumerate(message.segment_starts[1:], start=2)
    }


def _marked(message: Message, marks: Mapping[int, str], start: int, end: int) -> Iterator[Span]:
    """Yield the parts of a text from `start` to `end`, with the marks of the segments between them."""
    inside = [offset for offset in marks if start <= offset < end]
    for first, last in pairwise([start, *inside, end]):
        if first in inside:
            yield Span(marks[first], Style.DIM)
        yield from _spans(message, first, last)


def _spans(message: Message, start: int, end: int) -> Iterator[Span]:
    """Yield the parts of a text from `start` to `end`: values of the recipient and costly characters apart.

    The whole is made inert, because a command could be spread over two parts; it has no parts then.
    """
    line = message.text[start:end]
    inert = escape_text(line)
    if inert != line:
        yield Span(inert, is_quoted=True)
        return
    costly = {found.offset for found in message.costly if start <= found.offset < end}
    ends = {min(max(edge, start), end) for value in message.values for edge in value}
    edges = sorted({start, end, *ends, *costly, *(offset + 1 for offset in costly)})
    for first, last in pairwise(edges):
        is_value = any(begin <= first < stop for begin, stop in message.values)
        style = Style.STRONG if is_value else Style.NOTICE if first in costly else Style.PLAIN
        yield Span(message.text[first:last], style, is_quoted=not (is_value and message.is_masked))


def _local_text(local: LocalRow) -> str:
    people = "" if local.people is None else f" {local.people:,}"
    note = f" ({local.note})" if local.note else ""
    return f"{local.when} {local.zone}{people}{note}"


def _people_lines(planned: PlannedSend, *, full: bool) -> Iterator[Line]:
    contacts = contacts_text(planned)
    if not contacts:
        return
    yield row("contacts", escape_text(contacts))
    if full and (query := query_text(planned)):
        yield row("query", escape_text(query))
    if countries := countries_text(planned):
        yield row("countries", escape_text(countries))
    if excluded := excluded_text(planned):
        yield row("excluded", escape_text(excluded))
