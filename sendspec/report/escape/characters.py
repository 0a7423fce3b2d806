"""Characters that a reader does not see, or that change how other characters are shown."""

from __future__ import annotations

import unicodedata
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
JOINERS: Final = "\u200c\u200d"
"""Zero-width characters that emoji and several scripts consist of; they reorder and hide nothing."""


def visible(text: str, *, keep: str = "") -> str:
    r"""Return `text` with hidden characters as JSON escapes (`\u001b`), except those in `keep`."""
    if text.isprintable():
        return text
    return "".join(char if char in keep or is_plain(char) else json_escape(char) for char in text)


def is_plain(char: str) -> bool:
    """Return whether a reader sees a character, or the space that it makes."""
    return unicodedata.category(char) not in _HIDDEN


def json_escape(char: str) -> str:
    r"""Return a character as JSON escapes, such as `\u202e`."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
