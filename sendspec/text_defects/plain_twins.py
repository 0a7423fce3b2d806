"""Plain twins: characters of GSM-7 that replace others, so that a text costs fewer segments.

The table is `plain_twins.csv`, with a source and its date for each row. Typographic characters, such as
quotes that a word processor writes, have a twin that reads the same. The twin of a letter is another
letter, so the table has only those of languages whose other letters are in GSM-7.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec import sms
from sendspec.data_rows import data_rows

if TYPE_CHECKING:
    from collections.abc import Mapping


class PlainTwin(Struct, frozen=True):
    """A character outside GSM-7, its name in Unicode, and what may replace it."""

    character: str
    name: str
    twin: str
    is_letter: bool


@cache
def plain_twins() -> Mapping[str, PlainTwin]:
    """Return the twins by character."""
    rows = data_rows("text_defects/plain_twins.csv")
    twins = (
        PlainTwin(_text(row["character"]), row["name"], _text(row["twin"]), row["kind"] == "letter")
        for row in rows
    )
    return {twin.character: twin for twin in twins}


def plain_variant(content: str, defaults: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return a text and its defaults with plain twins; None if it is GSM-7, or remains outside of it.

    The names of tags stay, and so do the defaults of other tags.
    """
    used = {tag: defaults[tag] for tag in sms.tags_in(content) if tag in defaults}
    if sms.is_gsm7(content) and all(map(sms.is_gsm7, used.values())):
        return None
    plain_content = sms.map_fixed_parts(content, with_twins)
    plain = {tag: with_twins(text) for tag, text in used.items()}
    texts = ["".join(sms.fixed_parts(plain_content)), *plain.values()]
    if (plain_content, plain) == (content, used) or not all(map(sms.is_gsm7, texts)):
        return None
    return plain_content, {**defaults, **plain}


def with_twins(text: str) -> str:
    """Return a text in which each character with a twin is replaced."""
    twins = plain_twins()
    return "".join(twins[character].twin if character in twins else character for character in text)


def _text(code_points: str) -> str:
    """Return the text of code points such as `U+0041 U+0042`."""
    return "".join(chr(int(code.removeprefix("U+"), 16)) for code in code_points.split())
