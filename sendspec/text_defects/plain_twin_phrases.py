"""Phrases about characters outside GSM-7 and the plain ones that replace them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.text_defects.plain_twins import PlainTwin

_SHOWN_MAX: Final = 2


def replacements(twins: Sequence[PlainTwin]) -> str:
    """Return `... instead of …, a space instead of U+00A0`, of many only the first."""
    shown = [
        f"{'a space' if each.twin == ' ' else each.twin} instead of "
        f"{each.character if is_visible(each.character) else f'U+{ord(each.character):04X}'}"
        for each in twins[:_SHOWN_MAX]
    ]
    return ", ".join(shown) + (", and so on" if len(twins) > _SHOWN_MAX else "")


def is_visible(character: str) -> bool:
    """Return whether a reader sees the character by itself."""
    return unicodedata.category(character)[0] not in "CMZ"


def shown_character(character: str) -> str:
    """Return the character, or `U+00A0 NO-BREAK SPACE` if a reader would not see it."""
    if is_visible(character):
        return character
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"
