"""Letters without case and accents, so that texts and words can be compared as people read them."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Final

from sendspec.lazy_pattern import lazy_pattern

NOT_ASCII: Final = lazy_pattern(r"[^\x00-\x7f]")
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
    # Few texts have accents, and each has few different characters.
    odd = {character: plain_letter(character) for character in set(NOT_ASCII.findall(text))}
    changed = {ord(character): plain for character, plain in odd.items() if plain != character}
    return " ".join((text.translate(changed) if changed else text).split())


@cache
def plain_letter(character: str) -> str:
    """Return a character as plain letters, quotes, dashes or spaces without accents."""
    decomposed = unicodedata.normalize("NFKD", plain_letters(character))
    return "".join(part for part in decomposed if not unicodedata.combining(part))
