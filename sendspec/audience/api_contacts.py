"""Contacts in the API's own form: their identity, and columns that keep each as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from sendspec.audience.columnar_contacts import ContactColumns
from sendspec.model import Contact
from sendspec.phone import normalise
from sendspec.text_defects import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sendspec.model import Endpoint, Location

_NUMBERS: Final = ("contactId", "phoneNumber")
_LOOKUP: Final = "contactLookup"
_IDENTITIES: Final = (*_NUMBERS, _LOOKUP)


def api_contact(contact: Mapping[str, Any], location: Location, endpoint: Endpoint) -> Contact:
    """Return a contact; it has no identity unless exactly one property of the endpoint names it."""
    number_property, valid = endpoint.number_property, endpoint.traits.identity_properties
    given = tuple([name for name in _IDENTITIES if name in contact and not _is_blank(contact[name])])
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
    zone = contact.get("timezone")
    return Contact(location, identity, given, written, lookup, texts, "" if zone is None else str(zone))


def _sorted_lookup(keys: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return the keys of a lookup in one order, because another order names the same contact."""
    return tuple(sorted(keys, key=lambda key: orjson.dumps(key, option=orjson.OPT_SORT_KEYS)))


def _is_blank(value: Any) -> bool:
    """Return whether a value of a contact is omitted, an empty list, or text without a visible character."""
    return not value.strip() if isinstance(value, str) else value is None or value == []


def _tag_text(value: Any) -> str:
    """Return a value as the text that fills the tag: numbers and booleans in their JSON form."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def columns_of(
    contacts: Sequence[Contact], shown: str, endpoint: Endpoint, *, has_zones: bool = True
) -> ContactColumns:
    """Return contacts of the list `shown` by columns."""
    return ContactColumns(
        shown=shown,
        number_property=endpoint.number_property,
        lines=[contact.location.line for contact in contacts],
        identities=[contact.identity for contact in contacts],
        written=[contact.written for contact in contacts],
        tags=(),
        # A column for each tag would grow with the square of the file, if each contact has its own tag.
        values=([SEPARATOR.join(contact.personalization.values()) for contact in contacts],),
        inline=tuple(contacts),
        zones=[contact.timezone for contact in contacts] if has_zones else None,
    )
