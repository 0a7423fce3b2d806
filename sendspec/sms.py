"""Text of an SMS: encoding, length, segments, and `%%TAG%%`s.

The alphabets are from 3GPP TS 23.038 (GSM 03.38): the default 7-bit alphabet (6.2.1) and its
extension table (6.2.1.1). A message has 140 octets. Each segment of a longer message needs six of them
for the header that joins the segments (3GPP TS 23.040, 9.2.3.24).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GSM7_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet, one septet each, without the escape code (0x1B), which is not a character."""

GSM7_EXTENSION: Final = "\f^{}\\[~]|€"
"""The extension table: an escape and a code, so two septets each, always in the same segment."""

GSM7_SINGLE: Final = 160
GSM7_SEGMENT: Final = 153
UCS2_SINGLE: Final = 70
UCS2_SEGMENT: Final = 67

CHARACTERS_MAX: Final = 800
UCS2_CHARACTERS_MAX: Final = 400
"""The vendor's limits. Source: Acoustic Campaign, message length: 800 GSM-7 or 400 UCS-2 characters."""

TAG: Final = lazy_pattern(r"%%([^%\s](?:[^%\r\n]*[^%\s])?)%%")
"""A personalization tag; group 1 is its name, which is case-sensitive.

A name does not contain a percent sign or a line break, and does not start or end with a space (spaces
inside are common: `%%FIRST NAME%%`). Therefore `100%% off, %%NAME%%` contains one tag and an unclosed
`%%`, not a tag named " off, ".
"""

Span = tuple[int, int]
"""A part of a text, from its first character until before the character at the second offset."""

_ESCAPE: Final = "\x1b"
_HIGH: Final = "\ud800"
_BASIC: Final = lazy_pattern(f"[{re.escape(GSM7_BASIC)}]*")
_BASIC_ASCII: Final = "".join(filter(str.isascii, GSM7_BASIC)).encode()
_GSM7: Final = lazy_pattern(f"[{re.escape(GSM7_BASIC + GSM7_EXTENSION)}]*")
_GSM7_ASCII: Final = "".join(filter(str.isascii, GSM7_BASIC + GSM7_EXTENSION)).encode()
_NOT_GSM7: Final = lazy_pattern(f"[^{re.escape(GSM7_BASIC + GSM7_EXTENSION)}]")
_EXTENDED: Final = lazy_pattern(f"[{re.escape(GSM7_EXTENSION)}]")
_BEYOND_BMP: Final = lazy_pattern("[\U00010000-\U0010ffff]")


def is_basic(text: str, ignored: str = "") -> bool:
    """Return whether each character of `text` takes one septet of GSM-7, without those `ignored`."""
    rest = text.encode().translate(None, _BASIC_ASCII + ignored.encode())  # Faster than the expression.
    return not rest or _BASIC.fullmatch(rest.decode()) is not None


def is_gsm7(text: str) -> bool:
    """Return whether `text` can be sent in GSM-7; one character outside it requires UCS-2."""
    if text.isascii():
        return not text.encode().translate(None, _GSM7_ASCII)  # Faster than the expression.
    return _GSM7.fullmatch(text) is not None


def outside_gsm7(text: str) -> list[str]:
    """Return the characters of `text` that are not GSM-7, each as often as it occurs."""
    return _NOT_GSM7.findall(text)


def length(text: str) -> int:
    """Return the length of `text` in septets if it is GSM-7, else in UTF-16 code units."""
    if text.isascii() and is_basic(text):
        return len(text)
    doubled = _EXTENDED if is_gsm7(text) else _BEYOND_BMP
    return len(text) + len(doubled.findall(text))


def segments(text: str) -> int:
    """Return the number of segments that are sent and paid for `text`; 0 for empty text."""
    if is_basic(text):
        return basic_segments(len(text))
    if is_gsm7(text):
        return _segment_count(
            _one_character_per_unit(text, _EXTENDED, _ESCAPE), _ESCAPE, GSM7_SINGLE, GSM7_SEGMENT
        )
    return _segment_count(_one_character_per_unit(text, _BEYOND_BMP, _HIGH), _HIGH, UCS2_SINGLE, UCS2_SEGMENT)


def basic_segments(size: int) -> int:
    """Return the number of segments of a text of `size` characters that each take one septet."""
    return min(size, 1) if size <= GSM7_SINGLE else -(-size // GSM7_SEGMENT)


def is_bmp(text: str) -> bool:
    """Return whether each character of `text` is one code unit of UTF-16."""
    return text.isascii() or len(text.encode("utf-16-le")) == 2 * len(text)


def segments_if_certain(units: int, wide: int, *, gsm7: bool) -> int | None:
    """Return the segments of a text of `units`, `wide` characters of which are two; None if that depends.

    It depends on whether a character of two units is at the end of a segment, which it must not cross.
    """
    single, segment = (GSM7_SINGLE, GSM7_SEGMENT) if gsm7 else (UCS2_SINGLE, UCS2_SEGMENT)
    if units <= single:
        return min(units, 1)
    count = -(-units // segment)
    return count if units + min(wide, count - 1) <= count * segment else None


def tags_in(content: str) -> tuple[str, ...]:
    """Return the names of the tags in `content`, each once, in order of appearance."""
    return tuple(dict.fromkeys(_split(content)[1::2]))


def tag_uses(content: str) -> Mapping[str, int]:
    """Return how often each tag is in `content`, in order of appearance."""
    uses: dict[str, int] = {}
    for tag in _split(content)[1::2]:
        uses[tag] = uses.get(tag, 0) + 1
    return uses


def fixed_parts(content: str) -> tuple[str, ...]:
    """Return the parts of `content` between its tags."""
    return _split(content)[::2]


def map_fixed_parts(content: str, change: Callable[[str], str]) -> str:
    """Return `content` with `change` applied to the parts between its tags."""
    pieces = list(_split(content))
    pieces[::2] = map(change, pieces[::2])
    pieces[1::2] = (f"%%{name}%%" for name in pieces[1::2])
    return "".join(pieces)


def unclosed_tags(content: str) -> tuple[int, ...]:
    """Return the offsets (from 0) of every `%%` in `content` that is not part of a tag."""
    if not any("%%" in part for part in fixed_parts(content)):
        return ()
    rest = TAG.sub(lambda tag: " " * len(tag.group()), content)
    return tuple(match.start() for match in re.finditer("%%", rest))


def substitute(content: str, values: Mapping[str, str], defaults: Mapping[str, str]) -> str:
    """Return `content` with its tags replaced by the contact's value or the default.

    A tag with neither stays. A `%%TAG%%` inside a value is not replaced.
    """
    if not values and not defaults:
        return content
    pieces = list(_split(content))
    for position in range(1, len(pieces), 2):
        name = pieces[position]
        value = values.get(name)
        if value is None:
            value = defaults.get(name)
        pieces[position] = f"%%{name}%%" if value is None else value
    return "".join(pieces)


@lru_cache(maxsize=64)
def _split(content: str) -> tuple[str, ...]:
    """Split `content` at its tags: text, name, text, …, text; cached because each recipient needs it."""
    return tuple(TAG.split(content))


def value_spans(content: str, values: Mapping[str, str], defaults: Mapping[str, str]) -> tuple[Span, ...]:
    """Return where `substitute` puts the values of a contact that are not empty, as offsets in its result."""
    pieces = list(_split(content))
    spans, end = [], 0
    for position, piece in enumerate(pieces):
        start = end
        if position % 2 == 0:
            end += len(piece)
        else:
            filled = values.get(piece, defaults.get(piece, f"%%{piece}%%"))
            end += len(filled)
            if values.get(piece):
                spans.append((start, end))
    return tuple(spans)


def segment_starts(text: str) -> tuple[int, ...]:
    """Return the offsets in characters at which the segments of `text` start, the first one at 0."""
    if not text:
        return ()
    gsm7 = is_gsm7(text)
    doubled = _EXTENDED if gsm7 else _BEYOND_BMP
    single, segment = (GSM7_SINGLE, GSM7_SEGMENT) if gsm7 else (UCS2_SINGLE, UCS2_SEGMENT)
    if length(text) <= single:
        return (0,)
    starts, used = [0], 0
    wide = {match.start() for match in doubled.finditer(text)}
    for offset in range(len(text)):
        units = 1 + (offset in wide)
        if used + units > segment:
            starts.append(offset)
            used = 0
        used += units
    return tuple(starts)


def _one_character_per_unit(text: str, pairs: re.Pattern[str], mark: str) -> str:
    """Return `text` with `mark` before each character of two units, so that lengths count units."""
    return pairs.sub(lambda match: mark + match.group(), text)


def _segment_count(units: str, mark: str, single: int, segment: int) -> int:
    """Return the number of segments of `units`; no segment ends with `mark`, the first half of a pair."""
    if len(units) <= single:
        return 1
    count = start = 0
    while start < len(units):
        end = start + segment
        start = end - 1 if units[end - 1 : end] == mark else end
        count += 1
    return count
