"""Deduplication: identities in a bitmap, so that memory does not grow with the list."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from functools import cached_property
from operator import length_hint
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyroaring import BitMap64

from sendspec.audience.columnar_contacts import plain_numbers
from sendspec.model import Location

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.audience.exclusion import Exclusion

_NUMBER_MAX: Final = 2**64
_DIGITS_MAX: Final = len(str(_NUMBER_MAX))
_PADDED_DIGITS_MAX: Final = 18
"""A phone number has at most 15 digits; 18 and the digit before them fit the bitmap's 2**64."""

_SHORT_MAX: Final = 1000
"""A union visits all of both bitmaps, so thousands of short lists would take time with their square."""


class IdentitySet:
    """A set of identities: about ten bytes for each number, the whole text for each of `others`.

    A number with leading zeros is stored with a 1 before it, because they count: 0123 is not 123.
    """

    def __init__(self) -> None:
        self.numbers, self.padded = BitMap64(), BitMap64()
        self.others: set[str] = set()

    def add(self, identity: str) -> bool:
        """Add `identity` and return whether it is new."""
        members, member = self._entry(identity)
        if member in members:
            return False
        members.add(member)
        return True

    def add_all(self, identities: Sequence[str]) -> None:
        """Add identities."""
        numbers = plain_numbers(identities)
        if numbers is not None:
            self.numbers.update(numbers)
        else:
            for identity in identities:
                self.add(identity)

    def update(self, other: IdentitySet) -> None:
        """Add all identities of another set."""
        _add_all(self.numbers, other.numbers)
        _add_all(self.padded, other.padded)
        self.others |= other.others

    def count_shared(self, other: IdentitySet) -> int:
        """Return how many identities two sets have in common."""
        return (
            self.numbers.intersection_cardinality(other.numbers)
            + self.padded.intersection_cardinality(other.padded)
            + len(self.others & other.others)
        )

    def digest(self) -> bytes:
        """Return a SHA-256 of the set; never print or store it, because it reveals short lists."""
        hashed = hashlib.sha256()
        texts = (text.encode() for text in sorted(self.others))
        for part in (self.numbers.serialize(), self.padded.serialize(), *texts):
            hashed.update(b"%d:%b" % (len(part), part))
        return hashed.digest()

    def __len__(self) -> int:
        return len(self.numbers) + len(self.padded) + len(self.others)

    def __bool__(self) -> bool:
        return bool(self.numbers or self.padded or self.others)  # The length takes time for each number.

    def __contains__(self, identity: str) -> bool:
        members, member = self._entry(identity)
        return member in members

    def _entry(self, identity: str) -> tuple[Any, int | str]:
        """Return which of the three sets stores an identity, and as what; `numbers` as `plain_numbers`."""
        if len(identity) > _DIGITS_MAX or not identity.isdecimal():
            return self.others, identity
        if identity[0] == "0" and identity != "0":
            is_short = len(identity) <= _PADDED_DIGITS_MAX
            return (self.padded, int("1" + identity)) if is_short else (self.others, identity)
        number = int(identity)
        return (self.numbers, number) if number < _NUMBER_MAX else (self.others, identity)


def _add_all(bitmap: BitMap64, other: BitMap64) -> None:
    if len(other) <= _SHORT_MAX:
        bitmap.update(list(other))
    else:
        bitmap |= other


class RecipientFilter:
    """Selects the first contact of each identity that no exclude list has.

    `duplicate_count` counts the other contacts. Contacts without a usable identity are refused, which
    `refused_count` counts. `identities` are those of the recipients so far.
    """

    def __init__(self, exclusion: Exclusion | None = None) -> None:
        self._exclusion = exclusion
        self.identities = IdentitySet()
        self.duplicate_count = self.refused_count = 0

    @cached_property
    def repeated(self) -> IdentitySet:
        """The identities that occur more than once."""
        return IdentitySet()  # Most lists have none.

    def recipients(self, block: ContactColumns) -> Sequence[int]:
        """Return the offsets of the recipients in the next block of the list."""
        numbers, identities = block.numbers, block.identities
        if numbers is None:
            return [at for at, identity in enumerate(identities) if self._is_recipient(identity)]
        excluded = self._exclusion.listed(numbers) if self._exclusion is not None else ()
        new = 0 if excluded else self._add_new(numbers)
        return range(new) if new == len(numbers) else self._selected(identities, numbers, excluded, new)

    def _add_new(self, numbers: Sequence[int]) -> int:
        """Add the numbers up to the first one that an earlier contact has, and return how many these are."""
        rest = iter(numbers)
        try:
            any(map(self.identities.numbers.add_checked, rest))
        except KeyError:  # The iterator is after the number that is known.
            return len(numbers) - length_hint(rest) - 1
        return len(numbers)

    def _selected(
        self, identities: Sequence[str], numbers: Sequence[int], excluded: Collection[int], new: int
    ) -> list[int]:
        """Return the offsets of the recipients if some numbers are not; the first `new` ones are."""
        offsets, repeated = list(range(new)), list[int]()
        known = self.identities.numbers
        for at, number in enumerate(numbers[new:], start=new):
            if number in excluded:
                self._is_recipient(identities[at])
            elif number in known:
                self.duplicate_count += 1
                repeated.append(number)
            else:
                known.add(number)
                offsets.append(at)
        self.repeated.numbers.update(repeated)
        return offsets

    def _is_recipient(self, identity: str) -> bool:
        if not identity:
            self.refused_count += 1
        elif self._exclusion is not None and self._exclusion.removes(identity):
            pass
        elif self.identities.add(identity):
            return True
        else:
            self._add_duplicate(identity)
        return False

    def _add_duplicate(self, identity: str) -> None:
        self.duplicate_count += 1
        self.repeated.add(identity)


class Duplicate(NamedTuple):
    """A contact whose identity occurred before, at `first`; `conflicting` if the values differ."""

    location: Location
    first: Location
    conflicting: bool


def duplicates(blocks: Iterable[ContactColumns], repeated: IdentitySet) -> Iterator[Duplicate]:
    """Yield each contact whose identity an earlier one has, in a second pass over the list.

    `repeated` has the identities that occur more than once. For the first contact of each it stores
    only the location and a hash of the values, 32 bytes: a list that was joined to itself repeats
    every identity.
    """
    index = _IdentityIndex(repeated)
    lines, columns, values = (array("q", bytes(8 * len(index))) for _ in range(3))
    for block in blocks:
        numbers = block.numbers
        for at in _offsets_in(block, repeated):
            slot = index.slot(block.identities[at]) if numbers is None else index.slot_of(numbers[at])
            value = hash(frozenset(block.personalization(at).items()))
            location = block.location(at)
            if lines[slot]:
                first = Location(location.file, lines[slot], columns[slot])
                yield Duplicate(location, first, conflicting=value != values[slot])
            else:
                _, lines[slot], columns[slot] = location
                values[slot] = value


def _offsets_in(block: ContactColumns, known: IdentitySet) -> Sequence[int]:
    numbers = block.numbers
    if numbers is None:
        return [at for at, identity in enumerate(block.identities) if identity and identity in known]
    hits = set(filter(known.numbers.__contains__, numbers))
    return [at for at, number in enumerate(numbers) if number in hits] if hits else ()


class _IdentityIndex:
    """Numbers the identities of a set from 0, in eight bytes each."""

    def __init__(self, identities: IdentitySet) -> None:
        self._numbers, self._padded = array("Q", identities.numbers), array("Q", identities.padded)
        others_start = len(self._numbers) + len(self._padded)
        self._others = {other: slot for slot, other in enumerate(identities.others, start=others_start)}

    def __len__(self) -> int:
        return len(self._numbers) + len(self._padded) + len(self._others)

    def slot(self, identity: str) -> int:
        """Return the number of an identity that is in the set."""
        slot = self._others.get(identity)
        if slot is not None:
            return slot
        if identity.startswith("0") and identity != "0":
            return len(self._numbers) + bisect_left(self._padded, int("1" + identity))
        return self.slot_of(int(identity))

    def slot_of(self, number: int) -> int:
        """Return the number of an identity of `IdentitySet.numbers`."""
        return bisect_left(self._numbers, number)
