"""Names of the vendor beside the ids of a planned send, as `plan --online` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.model import PROGRAM_PROPERTY, message_property
from sendspec.report.escape.plain import escape_text, escape_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import PlannedSend, PublishedMessage, SmsProgram


def name_text(planned: PlannedSend, property_name: str) -> str:
    """Return what the vendor calls the id in a property of the payload, in parentheses; '' if unknown."""
    if property_name == PROGRAM_PROPERTY and planned.program is not None:
        parts = _program_parts(planned.program)
    elif planned.message is not None and property_name == message_property(planned.send):
        parts = _message_parts(planned, planned.message)
    else:
        return ""
    return f"  ({', '.join(parts)})"


def program_value(program: SmsProgram | None) -> dict[str, Any] | None:
    """Return a program as a JSON value."""
    return (
        None
        if program is None
        else {
            "id": program.id,
            "name": program.name or None,
            "code": program.code or None,
            "sender": program.sender or None,
            "country": program.country or None,
            "active": program.active,
        }
    )


def message_value(message: PublishedMessage | None) -> dict[str, Any] | None:
    """Return a published message as a JSON value."""
    return (
        None
        if message is None
        else {
            "id": message.id,
            "name": message.name or None,
            "contactSourceId": message.contact_source_id,
            "programIds": list(message.program_ids),
        }
    )


def _program_parts(program: SmsProgram) -> Iterator[str]:
    yield escape_value(program.name) if program.name else "without a name"
    if program.code:
        yield f"code {escape_text(program.code)}"
    if program.sender and program.sender != program.code:
        yield f"sender {escape_value(program.sender)}"
    if program.country:
        yield program.country
    if not program.active:
        yield "not active"


def _message_parts(planned: PlannedSend, message: PublishedMessage) -> Iterator[str]:
    yield escape_value(message.name) if message.name else "without a name"
    if planned.send.endpoint.traits.has_contacts:
        return
    source = planned.send.payload.get("contactSourceId")
    own = message.contact_source_id
    if own is None:
        yield "without a contact source of its own"
    elif source is None:
        yield f"sent to its own contact source {own}"
    elif source == own:
        yield f"its own contact source is {own} too"
    elif source:
        yield f"its own contact source is {own}, which contactSourceId replaces"
    else:
        yield f"its own contact source is {own}"
