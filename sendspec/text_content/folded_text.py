"""Text without case, accents and repeated spaces, with the offset of each character in the original."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_content.letters import NOT_ASCII, plain_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

_ODD_SPACE: Final = lazy_pattern(r"[^\S ]")


class FoldedText(Struct, frozen=True):
    """A text in lower case without accents; `offsets` has the original offset of each character."""

    text: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets of a part in the original text."""
        return self.offsets[start], self.offsets[end - 1] + 1


@lru_cache(maxsize=256)
def fold(text: str) -> FoldedText:
    """Return a text as people compare it: `Été  À` is `ete a`."""
    odd = {character: _folded(character) for character in set(NOT_ASCII.findall(text))}
    if all(len(plain) == 1 for plain in odd.values()) and "  " not in text and not _ODD_SPACE.search(text):
        changed = {ord(character): plain for character, plain in odd.items() if plain != character}
        return FoldedText((text.translate(changed) if changed else text).lower(), range(len(text)))
    letters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        folded = _folded(character)
        if folded == " " and letters[-1:] == [" "]:
            continue
        letters += folded
        offsets += [offset] * len(folded)
    return FoldedText("".join(letters), tuple(offsets))


@cache
def _folded(character: str) -> str:
    if character.isascii():
        return " " if character.isspace() else character.lower()
    plain = plain_letter(character).casefold()
    return " " if plain.isspace() else plain
