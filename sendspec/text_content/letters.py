"""Letters without case and accents, so that texts and words can be compared as people read them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    }
    | {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "\u0131": "i"}
    | {"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ß": "ss", "ẞ": "SS"}
)


def plain_letters(text: str) -> str:
    """Return `text` with quotes and dashes of ASCII, and without letters that no accent explains."""
    return text.translate(_PLAIN)


@lru_cache(maxsize=256)
def without_accents(text: str) -> str:
    """Return `text` with plain letters, quotes, dashes and spaces; the case stays, the length may change."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", plain_letters(text))
        # Few texts have accents, and each has few different characters.
        accents = {ord(character): None for character in set(decomposed) if unicodedata.combining(character)}
        text = decomposed.translate(accents) if accents else decomposed
    return " ".join(text.split())
