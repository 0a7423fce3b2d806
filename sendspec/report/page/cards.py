"""Sends of a page as cards: the texts that people read, and the facts beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sendspec import sms
from sendspec.formatting import capitalize_first, format_money, pluralize
from sendspec.model import Sign
from sendspec.report.action_text import (
    RECIPIENTS_FIELD,
    change_section,
    notes,
    recipients_section,
    source_text,
)
from sendspec.report.campaign_notes import noted_campaigns
from sendspec.report.page.bubbles import pieces_of, reasons_of
from sendspec.report.page.changes import edits
from sendspec.report.page.findings import severity
from sendspec.report.page.local_hours import local_time_views
from sendspec.report.page.model import ChangedField, MessageView, SendView
from sendspec.report.phrases import list_note
from sendspec.report.review import Recipient
from sendspec.report.review.sizes import people_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import PlannedSend
    from sendspec.report.page.model import FindingView
    from sendspec.report.review import Message, Review, SendReview

_STATES: Final = {
    Sign.SEND: "sends now",
    Sign.RESUME: "sends the rest",
    Sign.WAITING: "waits",
    Sign.DONE: "already sent",
    Sign.EDITED: "edited after it was sent",
    Sign.UNKNOWN: "outcome unknown",
    Sign.BLOCKED: "blocked",
    Sign.EXPIRED: "expired",
    Sign.REMOVED: "removed",
}
_TONES: Final = {Sign.SEND: "go", Sign.RESUME: "go", Sign.WAITING: "wait"}
_RECIPIENTS: Final = {
    Recipient.TYPICAL: "typical",
    Recipient.LONGEST: "most segments",
    Recipient.SHORTEST: "shortest",
    Recipient.DEFAULTS_ONLY: "without own values",
    Recipient.FLIPPING: "with unusual letters",
}


def send_view(  # noqa: PLR0913 - the parts of a card
    review: Review,
    send: SendReview,
    anchor: str,
    findings: Mapping[int, FindingView],
    *,
    change: str,
    is_open: bool,
) -> SendView:
    """Return the card of a send; it is open if `is_open`, or if a finding needs a decision.

    `change` is how the send differs from the base in a word, '' if it does not.
    """
    planned = send.planned
    is_edited = planned.sign is Sign.EDITED
    state, tone = _STATES[planned.sign], _TONES.get(planned.sign, "stop")
    if send.is_pending and send.start is None:
        state, tone = "never sent", "stop"
    elif tone == "go" and send.start is not None and send.start.is_blocked:
        state, tone = "blocked with the plan", "stop"
    elif tone == "go" and send.start is not None and not send.start.is_immediate:
        state, tone = "scheduled", "wait"
    times = tuple(local_time_views(send.local_times))
    own = sorted((findings[id(finding)] for finding in send.findings), key=severity)
    return SendView(
        anchor=anchor,
        address=send.address,
        state=state,
        tone=tone,
        change=change,
        summary=send.summary,
        when=send.when,
        people=people_text(send.size),
        sender=_sender(planned),
        is_open=is_open or any(finding.level in ("error", "warning") for finding in own),
        messages=() if is_edited else tuple(map(_message_view, send.messages)),
        text_note=send.text_note,
        rows=tuple(_rows(review, send)),
        remarks=(*notes(planned), *(_edit_remarks(planned) if is_edited else change_section(planned))),
        is_edited=is_edited,
        edits=tuple(_edits(planned)) if is_edited else (),
        local_times=times,
        list_note=list_note(planned),
        findings=tuple(own),
        properties=tuple((found.name, _value(found.value), found.note) for found in send.properties),
    )


def _edits(planned: PlannedSend) -> Iterator[ChangedField]:
    """Yield the old and the new words of an edited send."""
    for change in planned.changes:
        if change.field != RECIPIENTS_FIELD:
            yield ChangedField(change.field, tuple(edits(change.sent, change.now)))


def _edit_remarks(planned: PlannedSend) -> Iterator[str]:
    """Yield with what the edits compare, and how the recipients differ."""
    if planned.base_revision is not None:
        yield f"compared with revision {planned.base_revision}"
    yield from recipients_section(planned)


def _rows(review: Review, send: SendReview) -> Iterator[tuple[str, str]]:
    """Yield the facts about a send that no other part of its card shows."""
    for _, noted in noted_campaigns([send.planned.send]):
        named = (("Campaign", noted.description), ("Owner", noted.owner), ("Ticket", noted.ticket))
        yield from ((label, text) for label, text in named if text)
    if send.when:
        yield "When", send.when
    if send.planned.send.not_after is not None:
        yield "Not after", f"{send.planned.send.not_after:%a %-d %b %Y, %H:%M %Z}"
    yield "People", people_text(send.size)
    for sentence in send.who:
        label, _, text = sentence.partition(": ")
        yield capitalize_first(label), text
    if send.size.known_segments and not send.size.jobs:
        yield "Segments", f"{send.size.segments:,} in {pluralize(send.size.requests, 'request')}"
    if send.price is not None and review.plan.pricing is not None:
        yield "Cost", f"about {format_money(send.price, review.plan.pricing.currency)}"
    yield "Endpoint", source_text(send.planned)


def _sender(planned: PlannedSend) -> str:
    program = planned.program
    if program is not None:
        return program.sender or program.code or program.name
    return str(planned.send.payload.get("channelQualifier") or "SMS")


def _message_view(message: Message) -> MessageView:
    return MessageView(
        kind=", ".join(_RECIPIENTS[recipient] for recipient in message.recipients),
        pieces=pieces_of(message),
        notes=message.notes,
        reasons=tuple(reasons_of(message.costly)),
        source=message.source,
        bars=_bars(message),
    )


def _bars(message: Message) -> tuple[float, ...]:
    count = len(message.segment_starts)
    single, several = (
        (sms.GSM7_SINGLE, sms.GSM7_SEGMENT) if message.is_gsm7 else (sms.UCS2_SINGLE, sms.UCS2_SEGMENT)
    )
    capacity = single if count <= 1 else several
    last = (message.length - capacity * (count - 1)) / capacity
    return (*(1.0 for _ in range(count - 1)), max(0.0, min(1.0, last)))


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
