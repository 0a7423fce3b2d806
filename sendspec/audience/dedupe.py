"""Who came already: identities in a bitmap, so that memory does not grow with the list."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from pyroaring import BitMap64

from sendspec.model import Duplicate, Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import Contact

_MOST_DIGITS: Final = 18
"""A phone number has 15 at most; with the digit before it, 18 stay below the bitmap's 2**64."""


class Identities:
    """A set of identities: `numbers` cost some ten bytes each, `others` (lookups) what they are long.

    A number is kept with a 1 before it, so that leading zeros count: 0123 is not 123.
    """

    def __init__(self) -> None:
        self.numbers = BitMap64()
        self.others: set[str] = set()

    def add(self, identity: str) -> bool:
        """Add `identity`; tell whether it is new."""
        if len(identity) <= _MOST_DIGITS and identity.isdecimal():
            number = int("1" + identity)
            if number in self.numbers:
                return False
            self.numbers.add(number)
            return True
        if identity in self.others:
            return False
        self.others.add(identity)
        return True

    def __contains__(self, identity: str) -> bool:
        if len(identity) <= _MOST_DIGITS and identity.isdecimal():
            return int("1" + identity) in self.numbers
        return identity in self.others


class Recipients:
    """The contacts of a list, each identity once, the first one; to be gone through once.

    Meanwhile `dropped` counts the contacts that came before, and `repeated` has their identities.
    A contact without identity cannot be recognised, so each of them stays.
    """

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self.repeated = Identities()
        self.dropped = 0
        self._contacts = contacts

    def __iter__(self) -> Iterator[Contact]:
        add = Identities().add
        for contact in self._contacts:
            identity = contact.identity
            if not identity or add(identity):
                yield contact
            else:
                self.repeated.add(identity)
                self.dropped += 1


def duplicates(contacts: Iterable[Contact], repeated: Identities) -> Iterator[Duplicate]:
    """Give every contact whose identity came before, in a second pass over the same `contacts`.

    `repeated` has the identities that come more than once. Of the first contact of each only its
    place and a hash of its values are kept, 32 bytes: a list that was joined to itself has as
    many repeated identities as people.
    """
    slots = _Slots(repeated)
    lines, columns, values = (array("q", bytes(8 * len(slots))) for _ in range(3))
    for contact in contacts:
        if not contact.identity or contact.identity not in repeated:
            continue
        slot = slots.of(contact.identity)
        value = hash(frozenset(contact.personalization.items()))
        if lines[slot]:
            first = Location(contact.location.file, lines[slot], columns[slot])
            yield Duplicate(contact, first, conflicting=value != values[slot])
        else:
            _, lines[slot], columns[slot] = contact.location
            values[slot] = value


class _Slots:
    """Numbers the identities of a set from 0, in eight bytes each."""

    def __init__(self, identities: Identities) -> None:
        self._numbers = array("Q", identities.numbers)
        first = len(self._numbers)
        self._others = {other: at for at, other in enumerate(identities.others, start=first)}

    def __len__(self) -> int:
        return len(self._numbers) + len(self._others)

    def of(self, identity: str) -> int:
        """Give the number of an identity that is in the set."""
        slot = self._others.get(identity)
        return bisect_left(self._numbers, int("1" + identity)) if slot is None else slot
