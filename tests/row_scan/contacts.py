"""Contact readers: the contacts of a send, from a CSV file or from the campaign file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.audience.api_contacts import api_contact
from sendspec.errors import SpecError
from sendspec.model import InlineContacts, Problem, UnusableContacts
from tests.row_scan.list_contacts import read_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Contact, Send
    from tests.row_scan.value_scan import ValueScan


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
    for contact, location in zip(inline.contacts, inline.locations, strict=True):
        yield api_contact(contact, location, send.endpoint)
