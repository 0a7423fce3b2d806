"""Survey of one text with tags: the recipients without a value, and the filled texts that are too long."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sendspec import sms
from sendspec.audience.located_count import LocatedCount
from sendspec.model import LongTexts, MissingValue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.audience.recipient_batch import RecipientBatch
    from sendspec.audience.segment_count import SegmentCounter
    from sendspec.model import Location


class TextSurvey:
    """Collects the facts about one text of a send, one request at a time."""

    def __init__(self, counter: SegmentCounter) -> None:
        self._tags = counter.tags
        self._missing: dict[str, _Missing] = {}
        self._lengths = _LengthCheck(counter)

    def value_length_max(self, columns: int) -> float:
        """Return the length up to which `columns` values of a recipient make no text too long."""
        return self._lengths.unmeasured_max / max(1, columns) if self._tags else inf

    def on_batch(self, batch: RecipientBatch) -> None:
        """Add recipients."""
        if not self._tags:
            return
        self._lengths.on_batch(batch)
        for tag in self._tags:
            if batch.has_blanks(tag):
                self._add_missing(batch, tag, batch.column(tag))

    def _add_missing(self, batch: RecipientBatch, tag: str, column: Sequence[str]) -> None:
        if tag not in self._missing:
            self._missing[tag] = _Missing(tuple(batch.personalization(column.index(""))))
        offsets = (at for at, value in enumerate(column) if not value)
        self._missing[tag].tally.add_all(column.count(""), map(batch.location, offsets))

    @property
    def missing_values(self) -> tuple[MissingValue, ...]:
        """The tags that have no value for some recipients, in the order of the text."""
        found = ((tag, self._missing[tag]) for tag in self._tags if tag in self._missing)
        return tuple(MissingValue(tag, each.tally.occurrences, each.names) for tag, each in found)

    @property
    def too_long(self) -> LongTexts | None:
        """The filled texts that are longer than the API accepts."""
        return self._lengths.too_long.facts

    @property
    def too_long_ucs2(self) -> LongTexts | None:
        """The other filled texts that are longer than the limit of texts outside GSM-7."""
        return self._lengths.too_long_ucs2.facts


class _Missing(Struct):
    """The recipients without a value of one tag, and the tags of the first of them."""

    names: tuple[str, ...]
    tally: LocatedCount = field(default_factory=LocatedCount)


class _LongTexts(Struct):
    """The texts over one limit."""

    tally: LocatedCount = field(default_factory=LocatedCount)
    longest: int = 0

    def add(self, location: Location, length: int) -> None:
        self.tally.add(location)
        self.longest = max(self.longest, length)

    @property
    def facts(self) -> LongTexts | None:
        return LongTexts(self.tally.occurrences, self.longest) if self.tally.count else None


class _LengthCheck:
    """Check of the filled texts; fills only those that can be too long."""

    def __init__(self, counter: SegmentCounter) -> None:
        self._counter = counter
        self.unmeasured_max = _unmeasured_characters_max(counter)
        self.too_long, self.too_long_ucs2 = _LongTexts(), _LongTexts()

    def on_batch(self, batch: RecipientBatch) -> None:
        if batch.characters_max <= self.unmeasured_max:
            return
        for at in range(len(batch)):
            if sum(map(len, batch.personalization(at).values())) > self.unmeasured_max:
                self._measure(self._counter.text(batch, at), batch.location(at))

    def _measure(self, text: str, location: Location) -> None:
        length = sms.length(text)
        if length > sms.CHARACTERS_MAX:
            self.too_long.add(location, length)
        elif length > sms.UCS2_CHARACTERS_MAX and not sms.is_gsm7(text):
            self.too_long_ucs2.add(location, length)


def _unmeasured_characters_max(counter: SegmentCounter) -> float:
    """Return how many characters the values of a recipient may have without a measurement.

    A character counts at most twice, so a text below half of the lower limit is never too long. The
    bound assumes that every value fills the most used tag, and that every default is used too.
    """
    most_uses = max(counter.uses.values(), default=1)
    fallback = sum(counter.fallbacks.values())
    return (sms.UCS2_CHARACTERS_MAX // 2 - counter.fixed_characters) / most_uses - fallback
