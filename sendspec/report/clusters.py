"""Grapheme clusters of a text: what a reader sees as one character, which no mark may split."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAY_JOIN: Final = lazy_pattern("[\r\u0300-\u200f\u2028-\u209f\u20c1-\U0010ffff]")
"""Characters that may join others; Latin letters, punctuation and currencies never do."""


def cluster_starts(text: str) -> Sequence[int]:
    """Return the offset of each grapheme cluster, and the length of the text."""
    if text.isascii() or _MAY_JOIN.search(text) is None:
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
