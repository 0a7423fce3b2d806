"""Rows of lists with all of their columns, for some of the recipients."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sendspec.audience.contacts_of_send import contacts_of
from sendspec.audience.csv_header import lookup_keys, number_header
from sendspec.audience.list_contacts import column_names, read_list
from sendspec.errors import SpecError
from sendspec.model import ContactFile, InlineContacts, UnusableContacts
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sendspec.model import Send


@dataclass(frozen=True, slots=True)
class ListRows:
    """Rows of a list: the names of its columns, and the first row of each recipient by identity."""

    names: tuple[str, ...] = ()
    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def cells(self, identity: str) -> Mapping[str, str] | None:
        """Return the cells of a recipient by column, None if the list does not have it."""
        return self.rows.get(recipient_key(identity))


def list_rows(send: Send, identities: Collection[str]) -> ListRows | None:
    """Return the rows of some recipients in the list of a send as it is now; empty cells are left out.

    Return None without a list: the vendor has the contacts, or a query would have to run again. Memory
    grows with the recipients, not with the list.

    Raises:
        SpecError: the list cannot be read.
    """
    wanted = {recipient_key(identity) for identity in identities}
    contacts = send.contacts
    if isinstance(contacts, ContactFile):
        names = _unique(_header(contacts))
        blocks = read_list(send, _with_all_columns(send, contacts, names))
    elif isinstance(contacts, InlineContacts):
        names, blocks = (), contacts_of(send) or iter(())
    elif isinstance(contacts, UnusableContacts):
        raise SpecError(contacts.problems)
    else:
        return None
    rows: dict[str, Mapping[str, str]] = {}
    for block in blocks:
        for at, identity in enumerate(block.identities):
            key = recipient_key(identity)
            if key in wanted and key not in rows:
                rows[key] = block.personalization(at)
    tags = dict.fromkeys(tag for row in rows.values() for tag in row)
    return ListRows(names or tuple(tags), rows)


def recipient_key(identity: str) -> str:
    """Return the identity of a recipient in one notation: a lookup is JSON with any order and spaces."""
    if not identity.startswith(("[", "{")):
        return identity
    try:
        return json.dumps(json.loads(identity), sort_keys=True)
    except (ValueError, RecursionError):
        return identity


def _header(file: ContactFile) -> Sequence[str]:
    names = column_names(file)
    if not isinstance(names, str):
        return names
    lines = (line for line in names.removeprefix("\ufeff").splitlines(keepends=True))
    try:
        return next((row for row in csv.reader(lines, strict=True) if "".join(row).strip()), [])
    except csv.Error:
        return ()


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names that one column has; a row cannot have two cells of one name."""
    return tuple(name for name, count in Counter(names).items() if count == 1 and name.strip())


def _with_all_columns(send: Send, file: ContactFile, names: Sequence[str]) -> ContactFile:
    number = number_header(send, file)
    identity = {} if number is None else {send.endpoint.number_property: number}
    lookup = {"contactLookup": lookup_keys(file)} if lookup_keys(file) else {}
    return replace(file, columns={**identity, **lookup, "personalization": {name: name for name in names}})
