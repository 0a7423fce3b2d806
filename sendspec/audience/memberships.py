"""Counts of the people that several lists have in common: numbers without identities."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sendspec.audience.dedupe import IdentitySet

_Part = Any
"""The identities of one kind in a list: a `BitMap64` or a `set[str]`, which have the same operators."""
_CHUNK: Final = 100_000
"""Shared identities that are in one dictionary; each takes about 200 bytes there."""
_SMALLER: Final = 4
"""A set so many times smaller than another is compared faster by looking up its members one by one."""
_PAIR: Final = 2


def count_memberships(lists: Sequence[IdentitySet]) -> Mapping[tuple[int, ...], int]:
    """Return how many people are in exactly these lists, for each combination of lists with any people.

    A combination has the positions of its lists in ascending order. The counts add up to the number of
    people on all lists. The time grows with the sizes of the lists, not with the number of pairs.
    """
    counts = Counter[tuple[int, ...]]()
    for parts in zip(*((people.numbers, people.padded, people.others) for people in lists), strict=True):
        counts.update(_count_part(parts))
    return counts


def _count_part(parts: Sequence[_Part]) -> Counter[tuple[int, ...]]:
    is_pair = len(parts) == _PAIR
    shared = {(0, 1): len(parts[0] & parts[1])} if is_pair else _count_shared(parts)
    counts = Counter[tuple[int, ...]](shared)
    counts.update({(at,): len(part) for at, part in enumerate(parts)})
    for combination, count in shared.items():
        for at in combination:
            counts[at,] -= count
    return +counts  # Without the combinations of no people.


def _count_shared(parts: Sequence[_Part]) -> Mapping[tuple[int, ...], int]:
    """Return the counts of the combinations of two or more lists."""
    counts = Counter[tuple[int, ...]]()
    for identities in _chunks(_shared(parts)):
        chunk = type(parts[0])(identities)
        lists: dict[Any, list[int]] = {identity: [] for identity in identities}
        for at, part in enumerate(parts):
            for identity in part & chunk:
                lists[identity].append(at)
        counts.update(map(tuple, lists.values()))
    return counts


def _shared(parts: Sequence[_Part]) -> _Part:
    """Return the identities that two or more lists have."""
    largest, *others = sorted(parts, key=len, reverse=True)
    seen, shared = type(largest)(largest), type(largest)()
    size = len(largest)  # Bitmaps count their members again each time.
    for part in others:
        if len(part) * _SMALLER < size:
            # A bitmap of scattered numbers is merged in time that grows with the larger one.
            shared.update([*filter(seen.__contains__, part)])
            seen.update([*part])
        else:
            shared |= seen & part
            seen |= part
        size += len(part)
    return shared


def _chunks(identities: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(identities)
    while chunk := [*islice(rest, _CHUNK)]:
        yield chunk
