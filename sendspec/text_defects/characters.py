"""Characters that a reader cannot see: control, zero-width and bidirectional ones, byte order marks.

Source: Unicode Character Database, general categories Cc, Cf, Zl and Zp, and the property
Default_Ignorable_Code_Point. Joiners are allowed between letters that are not ASCII, because Persian,
Sinhala, Malayalam and emoji need them. Direction marks are allowed in Arabic and Hebrew texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import DefectKind
from sendspec.text_defects.defect import Defect

if TYPE_CHECKING:
    from collections.abc import Iterator

INVISIBLE: Final = (
    "\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
"""The characters, as the inside of a class of a regular expression, without line feed and CR."""

_INVISIBLE: Final = lazy_pattern(f"[{INVISIBLE}]")
_JOINERS: Final = "\u200c\u200d"
_DIRECTION_MARKS: Final = "\u200e\u200f\u061c"
_RIGHT_TO_LEFT: Final = lazy_pattern("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FLAG: Final = "\U0001f3f4"
_FLAG_TAGS: Final = "\U000e0020", "\U000e007f"
_NAMES: Final = {
    "\t": "tab",
    "\x00": "NUL",
    "\u00ad": "soft hyphen",
    "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner",
    "\u200d": "zero-width joiner",
    "\u200e": "left-to-right mark",
    "\u200f": "right-to-left mark",
    "\u2028": "line separator",
    "\u2029": "paragraph separator",
    "\u202a": "left-to-right embedding",
    "\u202b": "right-to-left embedding",
    "\u202c": "end of a bidirectional part",
    "\u202d": "left-to-right override",
    "\u202e": "right-to-left override",
    "\u2060": "word joiner",
    "\ufeff": "byte order mark",
}


def invisible_characters(text: str) -> Iterator[Defect]:
    """Yield each character of `text` that a reader cannot see and the language does not need, once."""
    labels = set()
    for match in _INVISIBLE.finditer(text):
        label = _label(match.group())
        if label not in labels and not _is_needed(text, match.start()):
            labels.add(label)
            yield Defect(DefectKind.INVISIBLE, label, match.group(), match.start())


def _label(character: str) -> str:
    name = _NAMES.get(character, "control character" if ord(character) < 0xA0 else "")  # noqa: PLR2004
    return f"U+{ord(character):04X}{f' ({name})' if name else ''}"


def _is_needed(text: str, at: int) -> bool:
    character = text[at]
    if character in _JOINERS:
        return not (text[at - 1 : at].isascii() or text[at + 1 : at + 2].isascii())
    if character in _DIRECTION_MARKS:
        return _RIGHT_TO_LEFT.search(text) is not None
    # The flags of England, Scotland and Wales are a black flag and invisible letters.
    return _FLAG_TAGS[0] <= character <= _FLAG_TAGS[1] and _FLAG in text[:at]
