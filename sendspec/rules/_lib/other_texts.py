"""Whether two messages have texts of their own, or one may be an edit of the other."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sendspec.identity import text_key
from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_content import has_opt_out

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIMILARITY_MAX: Final = 0.4
"""Two texts of one sender on different subjects have up to 0.35, reworded ones more than 0.4, edits 0.7."""

_SHARED_MIN: Final = 3
"""Characters in a row that count as shared: single ones are in any two texts of a language."""

_SENTENCE_END: Final = lazy_pattern(r"(?<=[.!?。])\s+")


def are_other_texts(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether both payloads have a text in `content`, and these differ in most characters.

    False if one text is not known, because only the vendor has it. Opt-out instructions do not count.
    """
    texts = (_own_text(one), _own_text(other))
    return None not in texts and _similarity(*sorted(map(str, texts))) < _SIMILARITY_MAX


def _own_text(payload: Mapping[str, Any]) -> str | None:
    """Return the compared form of a text without the opt-out instructions at its end."""
    key, text = text_key(payload), payload.get("content")
    if key is None or key[0] != "content" or not isinstance(text, str):
        return None
    sentences = _SENTENCE_END.split(text)
    while len(sentences) > 1 and has_opt_out(sentences[-1]):
        sentences.pop()
    key = text_key({"content": " ".join(sentences)})
    return None if key is None else key[1]


@lru_cache(maxsize=4096)  # The sends of a matrix have few different texts.
def _similarity(one: str, other: str) -> float:
    """Return the part of the characters in shared runs, from 0 to 1: the larger one of both directions."""
    shared = 0
    for texts in ((one, other), (other, one)):
        blocks = SequenceMatcher(None, *texts, autojunk=False).get_matching_blocks()
        shared = max(shared, sum(block.size for block in blocks if block.size >= _SHARED_MIN))
    return 2 * shared / max(1, len(one) + len(other))
