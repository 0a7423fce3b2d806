"""Contacts of a send by columns, from a list or from the campaign file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.audience.api_contacts import api_contact, columns_of
from sendspec.audience.list_contacts import read_list
from sendspec.errors import SpecError
from sendspec.model import InlineContacts, Problem, UnusableContacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.model import Send


def contacts_of(send: Send) -> Iterator[ContactColumns] | None:
    """Return the contacts of `send` as read, with duplicates; None if the vendor has them.

    Raises:
        SpecError: the contact file cannot be used.
    """
    if isinstance(send.contacts, UnusableContacts):
        raise SpecError(send.contacts.problems)
    if send.contacts is None or not send.endpoint.traits.has_contacts:
        return None
    if isinstance(send.contacts, InlineContacts):
        return _inline_contacts(send, send.contacts)
    return read_list(send, send.contacts)


def _inline_contacts(send: Send, inline: InlineContacts) -> Iterator[ContactColumns]:
    """Yield the contacts of the campaign file, which are in the API's own form."""
    if not inline.contacts:
        hint = "add a contact, or remove the send"
        raise SpecError([Problem(send.locations.of("contacts"), "the send has no contacts", hint)])
    contacts = [
        api_contact(contact, location, send.endpoint)
        for contact, location in zip(inline.contacts, inline.locations, strict=True)
    ]
    # Without a column of zones, the zones of numbers are counted together, and a lookup has none.
    has_zones = any(contact.timezone or contact.lookup for contact in contacts)
    yield columns_of(contacts, inline.locations[0].file, send.endpoint, has_zones=has_zones)
