"""Mojibake: UTF-8 that a program decoded as Windows-1252, such as `FranÃ§ois`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIGH: Final = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0))
"""The continuation bytes of UTF-8 as Windows-1252 shows them; it does not define five of them."""

_CONTINUATION: Final = f"[{re.escape(_HIGH)}\x80-\xbf]"
_PAIR: Final = lazy_pattern(
    f"[\xc2\xc3\xc4\xc5\xce\xcf\xd0\xd1]{_CONTINUATION}"  # Latin, Greek and Cyrillic letters
    f"|\xe2[\u20ac\x80]{_CONTINUATION}"  # typographic quotes and dashes
    f"|\xef\xbb\xbf|\xef\xbf\xbd"  # a byte order mark, a replacement character
    f"|\xf0\u0178{_CONTINUATION}{{2}}"  # emoji
    "|\ufffd"
)
_PUNCTUATION: Final = frozenset(
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2026\u2013\u2014\u2122\xbb\xab\xa0\xa1\xbf"
)
"""Continuations that also follow a capital letter in a correct text, as in `MAÇÃ…`."""
_OPENING_QUOTES: Final = frozenset("\u201e\u201a\u201c\u2018\xab\"'")
LEADS: Final = "\xc2\xc3\xc4\xc5\xce\xcf\xd0\xd1\xe2\xef\xf0\ufffd"


def mojibake(text: str) -> Iterator[re.Match[str]]:
    """Yield the parts of `text` that were decoded with the wrong encoding."""
    for match in _PAIR.finditer(text):
        if not _may_be_correct(text, match):
            yield match


def _may_be_correct(text: str, match: re.Match[str]) -> bool:
    """Return whether the pair is a capital letter that ends a word or a quote, and its punctuation."""
    pair = match.group()
    if len(pair) != 2 or pair[1] not in _PUNCTUATION:  # noqa: PLR2004 - a letter and its continuation
        return False
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    return (before.isupper() or before in _OPENING_QUOTES) and not after.isalpha()
