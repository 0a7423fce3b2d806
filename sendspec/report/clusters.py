"""Grapheme clusters of a text: what a reader sees as one character, which no mark may split."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_APART: Final = frozenset(
    map(chr, (*range(0x0D), *range(0x0E, 0x300), *range(0x2010, 0x2028), *range(0x20A0, 0x20C1)))
)
"""Characters that never join others: Latin letters, punctuation and currencies, without CR."""


def cluster_starts(text: str) -> Sequence[int]:
    """Return the offset of each grapheme cluster, and the length of the text."""
    if text.isascii() or _APART.issuperset(text):
        return range(len(text) + 1)
    return list(accumulate(_lengths(text), initial=0))


def _lengths(text: str) -> Iterable[int]:
    from wcwidth import iter_graphemes  # noqa: PLC0415 - most texts need no tables of Unicode

    return map(len, iter_graphemes(text))


def cluster_floor(starts: Sequence[int], offset: int) -> int:
    """Return the start of the cluster that has the character at `offset`."""
    return starts[bisect_right(starts, offset) - 1]


def cluster_ceiling(starts: Sequence[int], offset: int) -> int:
    """Return the first start of a cluster from `offset` on, or the length of the text."""
    return starts[min(bisect_left(starts, offset), len(starts) - 1)]
