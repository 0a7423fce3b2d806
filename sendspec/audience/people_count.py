"""Counts of different people over the lists of a plan, in two unions that grow list by list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.audience.dedupe import IdentitySet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet


class ListPeople:
    """The identities of one list during its scan: of all recipients, and of the rest of partial sends.

    `sent` has the numbers of the requests that were sent, from 1, for each send of the list.
    """

    def __init__(self, sent: Iterable[AbstractSet[int]]) -> None:
        self._rests = {frozenset(numbers): IdentitySet() for numbers in sent if numbers}
        self._all = IdentitySet()

    @property
    def on_batch(self) -> Callable[[int, Sequence[str]], None] | None:
        """The receiver of the number and the identities of each request; None if no send is partial."""
        return self._add_batch if self._rests else None

    def on_list(self, identities: IdentitySet) -> None:
        """Receive the identities of all recipients; they are not copied."""
        self._all = identities

    def without(self, sent: AbstractSet[int]) -> IdentitySet:
        """Return the identities without those of requests that were sent, one of the sets in `sent`."""
        return self._rests[frozenset(sent)] if sent else self._all

    def _add_batch(self, number: int, identities: Sequence[str]) -> None:
        for sent, rest in self._rests.items():
            if number not in sent:
                rest.add_all(identities)


class PeopleUnion:
    """A union of identities; the first set that it gets is shared until there is a second one."""

    def __init__(self) -> None:
        self._identities = IdentitySet()
        self._is_shared = False

    @property
    def identities(self) -> IdentitySet:
        """The identities; do not change them."""
        return self._identities

    def add(self, identities: IdentitySet) -> None:
        """Add identities; the set must not change afterwards."""
        if identities is self._identities:
            return
        if not self._identities:
            # A plan of one list needs no second set of a million numbers.
            self._identities, self._is_shared = identities, True
            return
        if self._is_shared:
            own = IdentitySet()
            own.update(self._identities)
            self._identities, self._is_shared = own, False
        self._identities.update(identities)

    def __len__(self) -> int:
        return len(self._identities)

    def count_with(self, other: PeopleUnion) -> int:
        """Return how many people two unions have together."""
        return len(self) + len(other) - self._identities.count_shared(other.identities)
