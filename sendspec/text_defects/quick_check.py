"""A quick check of many values together: whether one of them may have a defect.

It must never miss a defect that `defects_in_value` reports, and may report values without one.
"""

from __future__ import annotations

import re
from typing import Final

from sendspec.text_defects.characters import INVISIBLE
from sendspec.text_defects.leftovers import MISSING_VALUES, MISSING_WORDS
from sendspec.text_defects.mojibake import LEADS
from sendspec.text_defects.value_shape import DIGITS_MIN

SEPARATOR: Final = "\0"
"""The separator of joined values; contact files and specs cannot contain it."""

_SEPARATOR: Final = SEPARATOR.encode()
_USUAL: Final = (
    bytes(byte for byte in range(0x80, 0x100))
    + b" !\"$%'()*+,-./0123456789:;=?ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz~"
    + _SEPARATOR
)
"""Bytes that need no closer look: the brackets, `#`, `&`, `<`, `>`, `@`, `|` and control characters do."""

_NOTATION: Final = b" ().-/+"
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_NUMBER: Final = b"0" * DIGITS_MIN
_WORDS: Final = frozenset(word for value in MISSING_VALUES | MISSING_WORDS for word in value.split())
_NEEDLES: Final = ("test", "asdf", "qwert", "dummy", "lorem", "dolor", "localhost", "fixme", "tbd", "tbc")
_MORE_NEEDLES: Final = ("todo", "xxxx", "%")
_HOST_NEEDLES: Final = (
    "example",
    "0.0.",
    "invalid",
    "your",
    "domain.",
    "mysite",
    "my-site",
    "website",
    "staging",
)
_NOT_ASCII: Final = re.compile(f"[{INVISIBLE[INVISIBLE.index(chr(0x7F)) :]}{LEADS}\u00a0]")


def may_have_defects(joined: str) -> bool:
    """Return whether one of the values, which are joined by `SEPARATOR`, may have a defect."""
    encoded = joined.encode()
    if encoded.translate(None, _USUAL):
        return True
    if not joined.isascii() and _NOT_ASCII.search(joined):
        return True
    if _NUMBER in encoded.translate(_DIGITS, _NOTATION):
        return True
    lowered = joined.lower()
    if any(needle in lowered for needle in (*_NEEDLES, *_MORE_NEEDLES)):
        return True
    if "." in joined and any(needle in lowered for needle in _HOST_NEEDLES):
        return True
    return not _WORDS.isdisjoint(joined.replace(SEPARATOR, " ").split())
