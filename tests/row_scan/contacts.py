"""Contact readers: the contacts of a send, from a CSV file or from the campaign file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from sendspec.errors import SpecError
from sendspec.model import Contact, InlineContacts, Problem, UnusableContacts
from sendspec.phone import normalise
from tests.row_scan.list_contacts import read_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendspec.model import Location, Send
    from tests.row_scan.value_scan import ValueScan

_NUMBERS: Final = ("contactId", "phoneNumber")
_LOOKUP: Final = "contactLookup"


def contacts_of(send: Send, values: ValueScan | None = None) -> Iterator[Contact] | None:
    """Return the contacts of `send` as read, with duplicates; None if the vendor has them.

    `values` receives the rows of a contact file that span several lines.

    Raises:
        SpecError: the contact file cannot be used.
    """
    if isinstance(send.contacts, UnusableContacts):
        raise SpecError(send.contacts.problems)
    if send.contacts is None or not send.endpoint.traits.has_contacts:
        return None
    if isinstance(send.contacts, InlineContacts):
        return _inline_contacts(send, send.contacts)
    return read_list(send, send.contacts, values)


def _inline_contacts(send: Send, inline: InlineContacts) -> Iterator[Contact]:
    """Yield the contacts of the campaign file, which are in the API's own form."""
    if not inline.contacts:
        hint = "add a contact, or remove the send"
        raise SpecError([Problem(send.locations.of("contacts"), "the send has no contacts", hint)])
    number_property = send.endpoint.number_property
    valid = send.endpoint.traits.identity_properties
    for contact, location in zip(inline.contacts, inline.locations, strict=True):
        yield _inline_contact(contact, location, number_property, valid)


def _inline_contact(
    contact: Mapping[str, Any], location: Location, number_property: str, valid: tuple[str, ...]
) -> Contact:
    """Return one inline contact; it has no identity unless exactly one of the `valid` properties names it."""
    given = tuple(name for name in (*_NUMBERS, _LOOKUP) if not _is_blank(contact.get(name)))
    number_key = number_property
    if number_property not in given:
        number_key = next((name for name in _NUMBERS if name in given), "")
    written = str(contact[number_key]) if number_key else ""
    lookup = _sorted_lookup(contact[_LOOKUP]) if _LOOKUP in given else None
    identity = normalise(written)
    if lookup and not written:
        identity = orjson.dumps(lookup, option=orjson.OPT_SORT_KEYS).decode()
    if len(given) != 1 or given[0] not in valid:
        identity = ""
    values = contact.get("personalization") or {}
    texts = {tag: _tag_text(value) for tag, value in values.items() if not _is_blank(value)}
    return Contact(location, identity, given, written, lookup, texts)


def _sorted_lookup(keys: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return the keys of a lookup in one order, because another order names the same contact."""
    return tuple(sorted(keys, key=lambda key: orjson.dumps(key, option=orjson.OPT_SORT_KEYS)))


def _is_blank(value: Any) -> bool:
    """Return whether a value of a contact is omitted, an empty list, or text without a visible character."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _tag_text(value: Any) -> str:
    """Return a value as the text that fills the tag: numbers and booleans in their JSON form."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
