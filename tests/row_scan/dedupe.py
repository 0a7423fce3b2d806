"""Deduplication: identities in a bitmap, so that memory does not grow with the list."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from pyroaring import BitMap64

from sendspec.model import CONTACTS_PER_REQUEST, Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sendspec.model import Contact
    from tests.row_scan.exclusion import Exclusion

_DIGITS_MAX: Final = 18
"""A phone number has at most 15 digits; 18 and the digit before them fit the bitmap's 2**64."""


class IdentitySet:
    """A set of identities: about ten bytes for each of `numbers`, the whole text for each of `others`.

    A number is stored with a 1 before it, because leading zeros count: 0123 is not 123.
    """

    def __init__(self) -> None:
        self.numbers = BitMap64()
        self.others: set[str] = set()

    def add(self, identity: str) -> bool:
        """Add `identity` and return whether it is new."""
        if len(identity) <= _DIGITS_MAX and identity.isdecimal():
            number = int("1" + identity)
            if number in self.numbers:
                return False
            self.numbers.add(number)
            return True
        if identity in self.others:
            return False
        self.others.add(identity)
        return True

    def __len__(self) -> int:
        return len(self.numbers) + len(self.others)

    def __contains__(self, identity: str) -> bool:
        if len(identity) <= _DIGITS_MAX and identity.isdecimal():
            return int("1" + identity) in self.numbers
        return identity in self.others


class Recipients:
    """The first contact of each identity, in order; iterate over it only once.

    During the iteration `duplicate_count` counts the other contacts, and `repeated` collects their
    identities. Contacts without a usable identity are refused: `refused_count` counts them, and
    `on_refused` receives up to 1,000 at a time. `exclusion` removes the contacts of exclude lists.
    """

    def __init__(
        self,
        contacts: Iterable[Contact],
        on_refused: Callable[[Sequence[Contact]], None] | None = None,
        exclusion: Exclusion | None = None,
    ) -> None:
        self._exclusion = exclusion
        self.repeated = IdentitySet()
        self.duplicate_count = self.refused_count = 0
        self._contacts = contacts
        self._on_refused = on_refused
        self._refused: list[Contact] = []

    def __iter__(self) -> Iterator[Contact]:
        add = IdentitySet().add
        excluded = self._exclusion.removes if self._exclusion else None
        for contact in self._contacts:
            identity = contact.identity
            if not identity:
                self._refuse(contact)
            elif excluded is not None and excluded(identity):
                continue
            elif add(identity):
                yield contact
            else:
                self.repeated.add(identity)
                self.duplicate_count += 1
        self._report_refused()

    def _refuse(self, contact: Contact) -> None:
        self.refused_count += 1
        if self._on_refused is not None:
            self._refused.append(contact)
            if len(self._refused) == CONTACTS_PER_REQUEST:
                self._report_refused()

    def _report_refused(self) -> None:
        if self._on_refused is not None and self._refused:
            self._on_refused(tuple(self._refused))
            self._refused.clear()


class Duplicate(NamedTuple):
    """A contact whose identity occurred before, at `first`; `conflicting` if the values differ."""

    contact: Contact
    first: Location
    conflicting: bool


def duplicates(contacts: Iterable[Contact], repeated: IdentitySet) -> Iterator[Duplicate]:
    """Yield each contact whose identity an earlier one has, in a second pass over `contacts`.

    `repeated` has the identities that occur more than once. For the first contact of each it stores
    only the location and a hash of the values, 32 bytes: a list that was joined to itself repeats
    every identity.
    """
    index = _IdentityIndex(repeated)
    lines, columns, values = (array("q", bytes(8 * len(index))) for _ in range(3))
    for contact in contacts:
        if not contact.identity or contact.identity not in repeated:
            continue
        slot = index.slot(contact.identity)
        value = hash(frozenset(contact.personalization.items()))
        if lines[slot]:
            first = Location(contact.location.file, lines[slot], columns[slot])
            yield Duplicate(contact, first, conflicting=value != values[slot])
        else:
            _, lines[slot], columns[slot] = contact.location
            values[slot] = value


class _IdentityIndex:
    """Numbers the identities of a set from 0, in eight bytes each."""

    def __init__(self, identities: IdentitySet) -> None:
        self._numbers = array("Q", identities.numbers)
        others_start = len(self._numbers)
        self._others = {other: slot for slot, other in enumerate(identities.others, start=others_start)}

    def __len__(self) -> int:
        return len(self._numbers) + len(self._others)

    def slot(self, identity: str) -> int:
        """Return the number of an identity that is in the set."""
        slot = self._others.get(identity)
        return bisect_left(self._numbers, int("1" + identity)) if slot is None else slot
