"""The properties of a send that differ from the send of a base."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sendspec.formatting import short_digest
from sendspec.model import (
    ContactFile,
    ContactQuery,
    FieldChange,
    InlineContacts,
    TimeChange,
    UnusableContacts,
)
from sendspec.redact import mask_note
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sendspec.model import Send

INLINE: Final = "inline"
"""The name of contacts that are in the campaign file."""

SCHEDULED: Final = "scheduledDate"
_NOTES: Final = ("owner", "description", "ticket")


def field_changes(before: Send, now: Send) -> tuple[FieldChange, ...]:
    """Return the properties that differ, other than times, in the order of their names.

    A time that is the same instant in another notation is such a property.
    """
    old, new = _fields(before), _fields(now)
    if _scheduled(before) != _scheduled(now):
        old.pop(SCHEDULED, None)
        new.pop(SCHEDULED, None)
    return tuple(
        FieldChange(name, _masked(name, old.get(name)), _masked(name, new.get(name)))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )


def time_changes(before: Send, now: Send) -> tuple[TimeChange, ...]:
    """Return the times that are another instant."""
    times = (
        TimeChange(SCHEDULED, _scheduled(before), _scheduled(now)),
        TimeChange("notBefore", before.not_before, now.not_before),
        TimeChange("notAfter", before.not_after, now.not_after),
    )
    return tuple(change for change in times if change.before != change.now)


def _fields(send: Send) -> dict[str, Any]:
    """Return the compared properties that a send has; the values of recipients are not among them."""
    notes, expected, audience = send.notes, send.expected, send.audience
    fields = {
        **send.payload,
        "endpoint": send.endpoint.value,
        "revision": send.revision,
        "purpose": send.purpose.value,
        "contacts": _contacts(send),
        "contacts.columns": _columns(send),
        "databaseFields": sorted(send.database_fields),
        "contacts.sha256": _digest(send.contacts) if isinstance(send.contacts, ContactFile) else None,
        "exclude": [file.name for file in send.exclude],
        "exclude.columns": {file.name: file.columns for file in send.exclude if file.columns},
        "exclude.sha256": {file.name: digest for file in send.exclude if (digest := _digest(file))},
        "audience.countries": list(audience.countries),
        "audience.timezones": list(audience.timezones),
        "audience.size": audience.size,
        "expected": expected and {"recipients": expected.recipients, "within": expected.difference_max},
        "allow": [_allowance(entry.rule, entry.reason, entry.until) for entry in send.allow],
        "owner": notes and notes.owner,
        "description": notes and notes.description,
        "ticket": notes and notes.ticket,
    }
    return {name: value for name, value in fields.items() if value not in (None, [], {})}


def _masked(name: str, value: Any) -> Any:
    """Return a value without the phone numbers of people's notes, which the plan masks everywhere."""
    if name in _NOTES and isinstance(value, str):
        return value if value.isdecimal() and name == "ticket" else mask_note(value)
    if name == "allow" and value is not None:
        return [{**entry, "reason": mask_note(entry["reason"])} for entry in value]
    return value


def _allowance(rule: str, reason: str, until: datetime | None) -> dict[str, str | None]:
    return {"rule": rule, "reason": reason, "until": until.isoformat() if until else None}


def _contacts(send: Send) -> str | None:
    """Return the name of the contacts of a send: a file, a query, or inline."""
    match send.contacts:
        case ContactFile():
            return send.contacts.name
        case ContactQuery(connection=connection, sql=sql):
            return f"{connection}: {sql}"
        case InlineContacts():
            return INLINE
        case UnusableContacts() | None:
            return None


def _digest(file: ContactFile) -> str | None:
    """Return the digest of a list outside of the repository, None for any other list."""
    return None if file.outside is None else short_digest(file.outside.sha256)


def _columns(send: Send) -> Mapping[str, Any] | None:
    return send.contacts.columns if isinstance(send.contacts, ContactFile | ContactQuery) else None


def _scheduled(send: Send) -> datetime | None:
    value = send.payload.get(SCHEDULED)
    if isinstance(value, str):
        with suppress(InvalidDateTime):  # A project may switch off the rule that refuses it.
            return parse_datetime(value)
    return None
