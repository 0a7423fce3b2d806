"""Generated texts of messages, for the comparison with other programs that count segments."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from sendspec import sms

if TYPE_CHECKING:
    from collections.abc import Iterator

EMOJI = ["😀", "🎉", "❤️", "👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "🇩🇪", "🇧🇷", "1️⃣", "👩🏽‍💻"]
LETTERS = ["яблоко ", "日本語", "नमस्ते ", "한글", "e\u0301", "ạ̈", "ą", "\u2019", "\u00a0", "ç"]
BORDERS = [70, 134, 160, 201, 268, 306, 459, 670]


def message_texts(count: int, seed: int = 7) -> Iterator[str]:
    """Yield texts of every kind, many of which end segments with a character of two units."""
    chance = random.Random(seed)  # noqa: S311 - a seeded generator writes the same texts each time
    kinds = [_gsm7, _extended, _ucs2, _surrogates, _emoji, _mixed]
    for at in range(count):
        yield kinds[at % len(kinds)](chance)


def _size(chance: random.Random) -> int:
    """Return a length, mostly near the end of a segment."""
    return (
        max(1, chance.choice(BORDERS) + chance.randrange(-4, 5))
        if chance.random() < 0.8
        else chance.randrange(1, 800)
    )


def _gsm7(chance: random.Random) -> str:
    return "".join(chance.choices(sms.GSM7_BASIC, k=_size(chance)))


def _extended(chance: random.Random) -> str:
    """Return GSM-7 with a few characters of two septets, near borders too."""
    return _with(chance, "a", list(sms.GSM7_EXTENSION), _size(chance), chance.choice([1, 3, 30]))


def _ucs2(chance: random.Random) -> str:
    return "".join(chance.choices("яжщ日本語 abcé€", k=_size(chance) // 2)) + "я"


def _surrogates(chance: random.Random) -> str:
    return _with(chance, "я", ["😀", "\U0001d49c"], _size(chance) // 2, chance.choice([1, 3, 30]))


def _emoji(chance: random.Random) -> str:
    return _with(chance, chance.choice(["a", "я"]), EMOJI, _size(chance) // 2, chance.choice([1, 4, 20]))


def _mixed(chance: random.Random) -> str:
    return "".join(chance.choice([*EMOJI, *LETTERS, "a", "€", " "]) for _ in range(_size(chance) // 5 + 1))


def _with(chance: random.Random, filler: str, others: list[str], size: int, count: int) -> str:
    """Return a text of one filler with some other characters in it, mostly near the end of a segment."""
    text, size = [filler] * max(size, 1), max(size, 1)
    for _ in range(count):
        border = chance.choice([67, 134, 153, 201, 306, size])
        at = border - chance.randrange(4) if chance.random() < 0.6 else chance.randrange(size)
        text[min(max(at, 0), size - 1)] = chance.choice(others)
    return "".join(text)
