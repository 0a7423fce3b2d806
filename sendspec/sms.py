"""The text of an SMS: its alphabet, its length, its parts, and the `%%TAG%%` in it.

The alphabets are those of 3GPP TS 23.038 (GSM 03.38): the default 7-bit alphabet (6.2.1) and its
extension table (6.2.1.1). How many characters a message and a part of it hold follows from their 140
octets; a part of a longer message spends six on the header that joins the parts (3GPP TS 23.040,
9.2.3.24). What the vendor takes beyond that (800 and 400 characters) belongs to the rules.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

GSM7_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet without its escape code (0x1B), which is no character: one septet each."""

GSM7_EXTENSION: Final = "\f^{}\\[~]|€"
"""The extension table: an escape and a code, so two septets each, which no part may separate."""

GSM7_SINGLE: Final = 160
GSM7_PART: Final = 153
UCS2_SINGLE: Final = 70
UCS2_PART: Final = 67

TAG: Final = re.compile(r"%%([^%\s](?:[^%\r\n]*[^%\s])?)%%")
"""A personalization tag; group 1 is its name, which is case-sensitive.

A name has no percent sign, no line break and no space at either end (spaces inside are common:
`%%FIRST NAME%%`), so that `100%% off, %%NAME%%` holds one tag and an unclosed `%%`, not a tag
called " off, ".
"""

_ESCAPE: Final = "\x1b"
_HIGH: Final = "\ud800"
_BASIC: Final = re.compile(f"[{re.escape(GSM7_BASIC)}]*")
_GSM7: Final = re.compile(f"[{re.escape(GSM7_BASIC + GSM7_EXTENSION)}]*")
_EXTENDED: Final = re.compile(f"[{re.escape(GSM7_EXTENSION)}]")
_BEYOND_BMP: Final = re.compile("[\U00010000-\U0010ffff]")


def is_gsm7(text: str) -> bool:
    """Tell whether `text` can be sent in GSM-7; one character outside it makes all of it UCS-2."""
    return _GSM7.fullmatch(text) is not None


def length(text: str) -> int:
    """Give the length of `text` as it is counted: septets in GSM-7, else UTF-16 code units."""
    doubled = _EXTENDED if is_gsm7(text) else _BEYOND_BMP
    return len(text) + len(doubled.findall(text))


def segments(text: str) -> int:
    """Give the number of parts that `text` is sent, and paid, in; an empty text has none."""
    if _BASIC.fullmatch(text):
        size = len(text)
        return min(size, 1) if size <= GSM7_SINGLE else -(-size // GSM7_PART)
    if is_gsm7(text):
        return _parts(_doubled(text, _EXTENDED, _ESCAPE), _ESCAPE, GSM7_SINGLE, GSM7_PART)
    return _parts(_doubled(text, _BEYOND_BMP, _HIGH), _HIGH, UCS2_SINGLE, UCS2_PART)


def tags_in(content: str) -> tuple[str, ...]:
    """Give the names of the tags in `content`, each once, in order of appearance."""
    return tuple(dict.fromkeys(_split(content)[1::2]))


def unclosed_tags(content: str) -> tuple[int, ...]:
    """Give the offset (from 0) of every `%%` in `content` that neither opens nor closes a tag."""
    rest = TAG.sub(lambda tag: " " * len(tag.group()), content)
    return tuple(found.start() for found in re.finditer("%%", rest))


def substitute(content: str, values: Mapping[str, str], defaults: Mapping[str, str]) -> str:
    """Fill the tags of `content`: with the contact's value, else the default; else the tag stays.

    Values are not looked at again: a `%%TAG%%` inside a value is text.
    """
    pieces = list(_split(content))
    for at in range(1, len(pieces), 2):
        name = pieces[at]
        value = values.get(name)
        if value is None:
            value = defaults.get(name)
        pieces[at] = f"%%{name}%%" if value is None else value
    return "".join(pieces)


@lru_cache(maxsize=64)
def _split(content: str) -> tuple[str, ...]:
    """Cut `content` at its tags: text, name, text, name, …, text; every recipient needs it anew."""
    return tuple(TAG.split(content))


def _doubled(text: str, pairs: re.Pattern[str], mark: str) -> str:
    """Give `text` one character a unit: what takes two, found by `pairs`, gets `mark` before it."""
    return pairs.sub(lambda found: mark + found.group(), text)


def _parts(units: str, mark: str, single: int, part: int) -> int:
    """Count the parts of `units`, none of which may end with `mark`, the first half of a pair."""
    if len(units) <= single:
        return 1
    count = start = 0
    while start < len(units):
        end = start + part
        start = end - 1 if units[end - 1 : end] == mark else end
        count += 1
    return count
