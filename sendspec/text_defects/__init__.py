"""Defects of texts: leftovers of templates and tests, invisible characters, values in the wrong place, links.

`leftovers_in_text` and `invisible_characters` check a text that people read, `defects_in_value` checks the
value of a tag. The scan of an
audience first asks `may_have_defects` about a whole batch, which takes about 0.1 µs a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.text_defects.characters import invisible_characters
from sendspec.text_defects.defect import Defect
from sendspec.text_defects.leftovers import has_empty_greeting, leftovers_in_text, leftovers_in_value
from sendspec.text_defects.misplaced_values import line_breaks, looks_like_rows, wrong_shape
from sendspec.text_defects.plain_twin_phrases import replacements, shown_character
from sendspec.text_defects.plain_twins import PlainTwin, plain_twins, plain_variant
from sendspec.text_defects.quick_check import SEPARATOR, PlainCheck, may_have_defects, may_have_leftovers
from sendspec.text_defects.value_links import defective_links

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "SEPARATOR",
    "Defect",
    "PlainCheck",
    "PlainTwin",
    "defects_in_value",
    "has_empty_greeting",
    "invisible_characters",
    "leftovers_in_text",
    "looks_like_rows",
    "may_have_defects",
    "may_have_leftovers",
    "plain_twins",
    "plain_variant",
    "replacements",
    "shown_character",
]


def defects_in_value(tag: str, value: str) -> Iterator[Defect]:
    """Yield the defects of the value of a tag, each kind and label once."""
    yield from leftovers_in_value(value)
    yield from invisible_characters(value)
    yield from line_breaks(value)
    yield from wrong_shape(tag, value)
    yield from defective_links(value)
