"""The contacts of a send, from wherever it keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from sendspec.audience.csv_header import NUMBER_PROPERTY
from sendspec.audience.csv_reader import read_contacts
from sendspec.audience.phone_numbers import normalise
from sendspec.errors import SpecError
from sendspec.model import Contact, Endpoint, InlineContacts, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.model import Location, Send

_NUMBERS: Final = ("contactId", "phoneNumber")
_LOOKUP: Final = "contactLookup"


def contacts_of(send: Send) -> Iterator[Contact] | None:
    """Give the contacts of `send` as read, duplicates included; None where the vendor has them."""
    if send.contacts is None or send.endpoint is Endpoint.CONTACT_SOURCE:
        return None
    if isinstance(send.contacts, InlineContacts):
        return _inline(send, send.contacts)
    return read_contacts(send, send.contacts)


def _inline(send: Send, inline: InlineContacts) -> Iterator[Contact]:
    """Read the contacts of the campaign file, which are in the API's own form."""
    if not inline.contacts:
        raise SpecError([Problem(send.locations.of("contacts"), "the send has no contacts")])
    own = NUMBER_PROPERTY[send.endpoint]
    for contact, location in zip(inline.contacts, inline.locations, strict=True):
        yield _read(contact, location, own)


def _read(contact: Mapping[str, Any], location: Location, own: str) -> Contact:
    """Read one inline contact; an unsound one too, for the rules to report."""
    given = tuple(name for name in (*_NUMBERS, _LOOKUP) if contact.get(name))
    number = own if own in given else next((name for name in _NUMBERS if name in given), None)
    written = "" if number is None else str(contact[number])
    lookup = tuple(contact[_LOOKUP]) if _LOOKUP in given else None
    identity = normalise(written)
    if lookup and not written:
        identity = orjson.dumps(lookup, option=orjson.OPT_SORT_KEYS).decode()
    values = contact.get("personalization") or {}
    texts = {tag: _text(value) for tag, value in values.items() if value is not None}
    return Contact(location, identity, given, written, lookup, texts)


def _text(value: Any) -> str:
    """Give a value as the text that fills the tag: numbers and booleans as JSON writes them."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
