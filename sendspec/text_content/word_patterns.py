"""Patterns of many words."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def any_of(words: Iterable[str]) -> str:
    """Return a pattern of any of the words; of two that start alike, the longer one is tried first.

    Such words share the pattern of their first letters, because `re` tries alternatives one by one.
    """
    return _any_of(sorted(set(words)))


def _any_of(words: list[str]) -> str:
    if len(words) == 1:
        return re.escape(words[0])
    ends_here = not words[0]
    groups = groupby(words[ends_here:], key=_first_letter)
    patterns = [re.escape(letter) + _any_of([word[1:] for word in group]) for letter, group in groups]
    if len(patterns) == 1 and not ends_here:
        return patterns[0]
    return f"(?:{'|'.join(patterns)}){'?' if ends_here else ''}"


def _first_letter(word: str) -> str:
    return word[0]
