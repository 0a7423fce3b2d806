"""Facts about the contacts of an audience: repetitions, missing values, texts that are too long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sendspec.model.locations import Location
    from sendspec.model.number_facts import Occurrences


@dataclass(frozen=True, slots=True)
class Repetitions:
    """The contacts that repeat a recipient; the first of them repeats the one at `original`."""

    occurrences: Occurrences
    original: Location


@dataclass(frozen=True, slots=True)
class MissingValue:
    """The recipients without a value of one tag of the text; `names` has the tags of the first of them.

    A default or a database field may fill the tag.
    """

    tag: str
    occurrences: Occurrences
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LongTexts:
    """The recipients whose filled text is over a limit; `longest` is the length of the longest such text."""

    occurrences: Occurrences
    longest: int
