"""Exclude lists: contact files of numbers that get no message."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sendspec.audience.dedupe import IdentitySet
from sendspec.audience.list_contacts import column_names, read_list
from sendspec.audience.tally import Tally
from sendspec.model import Endpoint, ExcludeFacts, Locations
from sendspec.phone import number_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pyroaring import BitMap64

    from sendspec.audience.contact_columns import ContactColumns
    from sendspec.model import ContactFile, Send
    from sendspec.phone import NumberColumns

_ENDPOINTS: Final = {"contactId": Endpoint.CONTACTS, "phoneNumber": Endpoint.EXTERNAL_CONSENT}
"""The endpoint whose contact files have that name for the column of the number."""


@dataclass(slots=True)
class _NumberList:
    """The numbers of one list, and the rows whose number is unusable or not valid.

    A number that is not valid is kept, because the contacts may have the same one.
    """

    numbers: IdentitySet = field(default_factory=IdentitySet)
    unreadable: Tally = field(default_factory=Tally)
    invalid: Tally = field(default_factory=Tally)

    def add(self, contacts: ContactColumns, columns: NumberColumns) -> None:
        self.numbers.add_all([identity for identity in contacts.identities if identity])
        if columns.common_region(contacts.identities) is not None:
            return
        for at, verdict in enumerate(columns.verdicts(contacts.identities)):
            if not verdict:
                tally = self.invalid if contacts.identities[at] else self.unreadable
                tally.add(contacts.location(at))


class ExcludeLists:
    """The exclude lists of one run; each file is read once, and takes about ten bytes a number."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, str], _NumberList] = {}

    def exclusion_of(self, send: Send) -> Exclusion:
        """Return the exclusion of the contacts of `send`.

        Raises:
            SpecError: a list is not readable; it has every problem.
        """
        return Exclusion(send.exclude, [self._numbers(send, file) for file in send.exclude])

    def _numbers(self, send: Send, file: ContactFile) -> _NumberList:
        key = (file.path, repr(file.columns))
        if key not in self._read:
            numbers, columns = _NumberList(), number_columns()
            for contacts in _contacts(send, file):
                numbers.add(contacts, columns)
            self._read[key] = numbers
        return self._read[key]


class Exclusion:
    """Removes the contacts of one send that are on its lists, and counts them by list."""

    def __init__(self, files: Sequence[ContactFile], lists: Sequence[_NumberList]) -> None:
        self._files = files
        self._lists = lists
        self._removed = [0] * len(lists)
        self._union = IdentitySet()
        for numbers in lists:
            self._union.update(numbers.numbers)

    @property
    def numbers(self) -> BitMap64:
        """The numbers of all lists that are `IdentitySet.numbers`."""
        return self._union.numbers

    def removes(self, identity: str) -> bool:
        """Return whether a list has the identity, and count the contact for the first such list."""
        if identity not in self._union:
            return False
        index = next(at for at, numbers in enumerate(self._lists) if identity in numbers.numbers)
        self._removed[index] += 1
        return True

    @property
    def facts(self) -> tuple[ExcludeFacts, ...]:
        """The counts of each list, in the order of the specs."""
        return tuple(
            ExcludeFacts(
                file=file,
                removed=removed,
                numbers=len(numbers.numbers),
                unreadable=numbers.unreadable.count,
                unreadable_at=tuple(numbers.unreadable.locations),
                invalid=numbers.invalid.count,
                invalid_at=tuple(numbers.invalid.locations),
            )
            for file, removed, numbers in zip(self._files, self._removed, self._lists, strict=True)
        )


def _contacts(send: Send, file: ContactFile) -> Iterator[ContactColumns]:
    """Yield the rows of a list, read as the contact file of a send whose endpoint has that header."""
    columns = file.columns or _default_columns(file)
    [(number_property, header)] = columns.items()
    # Problems of the header are reported where the specs name the list.
    reader = replace(send, endpoint=_ENDPOINTS[number_property], locations=Locations(file.location))
    return read_list(reader, replace(file, columns={number_property: header}, may_be_empty=True))


def _default_columns(file: ContactFile) -> dict[str, str]:
    """Return the column that has one of the API's names of a number; the reader refuses a file without."""
    names = column_names(file)
    name = "contactId" if "contactId" in names and "phoneNumber" not in names else "phoneNumber"
    return {name: name}
