"""Facts about the contacts of an audience: repetitions, missing values, texts that are too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from sendspec.model.locations import Location
    from sendspec.model.number_facts import Occurrences


class Repetitions(Struct, frozen=True):
    """The contacts that repeat a recipient; the first of them repeats the one at `original`."""

    occurrences: Occurrences
    original: Location


class MissingValue(Struct, frozen=True):
    """The recipients without a value of one tag of the text; `names` has the tags of the first of them.

    A default or a database field may fill the tag.
    """

    tag: str
    occurrences: Occurrences
    names: tuple[str, ...]


class LongTexts(Struct, frozen=True):
    """The recipients whose filled text is over a limit; `longest` is the length of the longest such text."""

    occurrences: Occurrences
    longest: int
