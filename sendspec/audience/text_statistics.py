"""Statistics of one text over all recipients: segments, changes of the encoding, masked examples."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sendspec import sms
from sendspec.audience.located_count import LocatedCount
from sendspec.audience.number_survey import iso_code
from sendspec.audience.segment_count import SegmentCounter
from sendspec.audience.typical_text import TypicalText
from sendspec.model import EncodingFlip, TextExample, TextFacts, total_by_country
from sendspec.redact import is_typography, mask_value, script_of
from sendspec.text_defects import plain_twins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sendspec.audience.number_survey import BatchRegions
    from sendspec.audience.recipient_batch import RecipientBatch
    from sendspec.audience.segment_count import BatchSegments
    from sendspec.model import CountrySegments

CHARACTERS_MAX: Final = 5
"""Characters of a flip that the facts have."""

SHARED_MIN: Final = 3
"""Recipients who have a letter in their values before the facts have it: alone it could show a name."""

_Key = tuple[int, int]
"""The order of texts: by segments, then by the characters of their values."""

DIFFERENT_CHARACTERS_MAX: Final = 1000
"""Characters that are counted for one tag, so that the memory does not grow with a list of many scripts."""


def country_segments(segments: BatchSegments, regions: BatchRegions) -> CountrySegments:
    """Return the segments of a batch by country, sorted by country."""
    by_region = segments.by_region(regions)
    return tuple(sorted((iso_code(region), count) for region, count in by_region.items()))


COMPARED_REQUESTS: Final = 100
"""Requests of which all texts are compared by characters. To measure all values of a long list would make
its scan 9 % slower; the later requests can only have other extremes within the same segments."""


class TextStatistics:
    """Collects the facts about one text of a send, one request at a time.

    The examples have the text without masks only with `real_values`.
    """

    def __init__(self, content: str, defaults: Mapping[str, str], *, real_values: bool = False) -> None:
        self._real_values = real_values
        self.counter = SegmentCounter(content, defaults)
        self.of_batches: list[int] = []
        """The segments of each request."""
        self._countries: list[CountrySegments] = []
        self._regular: dict[int, LocatedCount] = {}
        self._flips = _FlipSurvey(self.counter)
        self._extremes, self._typical = _Extremes(), TypicalText(self.counter.tags)
        self._defaults_only: TextExample | None = None
        self._flipping: TextExample | None = None

    def on_batch(self, batch: RecipientBatch, regions: BatchRegions) -> None:
        """Add recipients."""
        segments = self.counter.count(batch)
        example = _Examples(self._example, batch)
        self.of_batches.append(segments.total)
        self._countries.append(country_segments(segments, regions))
        flipped = self._flips.on_batch(batch, segments.measured)
        self._add_regular(batch, segments, flipped)
        if self._flipping is None and flipped:
            self._flipping = example(min(flipped))
        is_compared = len(self.of_batches) <= COMPARED_REQUESTS
        if is_compared:
            self._typical.on_batch(batch, segments, flipped.keys(), example)
        if is_compared or self._extremes.may_change(segments):
            for kind, at in self._extremes.on_batch(segments, self.counter.sizes(segments, batch)):
                self._extremes.examples[kind] = example(at)
        if self._defaults_only is None and (blank := _first_blank(batch, self.counter.tags)) is not None:
            self._defaults_only = example(blank)

    def facts(self, plain_countries: CountrySegments | None = None) -> TextFacts:
        """Return the facts, after the last contact."""
        regular = {count: each.occurrences for count, each in sorted(self._regular.items())}
        return TextFacts(
            regular=regular,
            flipped={count: each.occurrences for count, each in sorted(self._flips.by_segments.items())},
            flips=self._flips.facts(),
            typographic={count: each.occurrences for count, each in sorted(self._flips.typographic.items())},
            typography=tuple(character for character, _ in _frequent(self._flips.typography)),
            batch_countries=tuple(self._countries),
            plain_countries=plain_countries,
            typical=self._typical.choose(regular),
            longest=self._extremes.examples.get("longest"),
            shortest=self._extremes.examples.get("shortest"),
            defaults_only=self._defaults_only,
            flipping=self._flipping,
        )

    def _add_regular(
        self, batch: RecipientBatch, segments: BatchSegments, flipped: Mapping[int, int]
    ) -> None:
        """Add the recipients whose values do not flip the encoding."""
        others = Counter(flipped.values()) if flipped else {}
        for count, recipients in segments.histogram.items():
            regular = recipients - others.get(count, 0)
            if not regular:
                continue
            tally = self._regular.setdefault(count, LocatedCount())
            if tally.is_full:
                tally.count += regular
            else:
                of_each = enumerate(segments.of_recipients)
                offsets = (at for at, of in of_each if of == count and at not in flipped)
                tally.add_all(regular, map(batch.location, offsets))

    def _example(self, batch: RecipientBatch, at: int) -> TextExample:
        counter, text = self.counter, self.counter.text(batch, at)
        values = batch.personalization(at)
        masked = {tag: mask_value(values[tag]) for tag in counter.tags if tag in values}
        return TextExample(
            location=batch.location(at),
            text=sms.substitute(counter.content, masked, counter.defaults),
            length=sms.length(text),
            segment_starts=sms.segment_starts(text),
            is_gsm7=sms.is_gsm7(text),
            values=sms.value_spans(counter.content, masked, counter.defaults),
            real_text=text if self._real_values else None,
        )


class _Examples:
    """The examples of one request, each made once: one recipient can be of several kinds."""

    def __init__(self, make: Callable[[RecipientBatch, int], TextExample], batch: RecipientBatch) -> None:
        self._make, self._batch = make, batch
        self._made: dict[int, TextExample] = {}

    def __call__(self, at: int) -> TextExample:
        if at not in self._made:
            self._made[at] = self._make(self._batch, at)
        return self._made[at]


class PlainCost:
    """Segments of a text, were its characters with a plain twin replaced."""

    def __init__(self, content: str, defaults: Mapping[str, str]) -> None:
        self._counter = SegmentCounter(content, defaults)
        self._total: CountrySegments = ()

    def on_batch(self, batch: RecipientBatch, regions: BatchRegions) -> None:
        """Add recipients."""
        added = country_segments(self._counter.count(batch), regions)
        self._total = total_by_country((self._total, added))

    @property
    def countries(self) -> CountrySegments:
        """The segments by country of all recipients."""
        return self._total


def _first_blank(batch: RecipientBatch, tags: Sequence[str]) -> int | None:
    """Return the offset of the first recipient without a value for any of the tags, None if all have one."""
    if not tags or not all(map(batch.has_blanks, tags)):
        return None
    rows = zip(*map(batch.column, tags), strict=True)
    return next((at for at, values in enumerate(rows) if not any(values)), None)


class _Extremes(Struct):
    """The longest and the shortest text so far; of equal ones the first in the order of the list."""

    examples: dict[str, TextExample] = field(default_factory=dict)
    _longest: _Key | None = None
    _shortest: _Key | None = None
    _known: bytes = b""
    """The sizes of values between those of the longest and the shortest text of which each has the units
    that its size says, so that a batch with only such sizes has no new extreme."""

    def may_change(self, segments: BatchSegments) -> bool:
        """Return whether some recipients have more or fewer segments than all before."""
        if self._longest is None or self._shortest is None:
            return True
        fewest, most = self._shortest[0], self._longest[0]
        return any(not fewest <= count <= most for count in segments.histogram)

    def on_batch(self, segments: BatchSegments, sizes: Sequence[int]) -> list[tuple[str, int]]:
        """Return the new extremes, as their names and the offsets of the recipients."""
        if self._longest is not None and self._is_between(segments, sizes):
            candidates = {at: (count, sizes[at] if sizes else 0) for at, count in segments.measured.items()}
        else:
            keys = zip(segments.of_recipients, sizes or [0] * segments.count, strict=True)
            candidates = dict(enumerate(keys))
            self._learn(segments, sizes)
        return self._new(candidates)

    def _new(self, candidates: Mapping[int, _Key]) -> list[tuple[str, int]]:
        found = []
        if candidates:
            longest = max(candidates.values())
            shortest = min(candidates.values())
            if self._longest is None or longest > self._longest:
                self._longest = longest
                found.append(("longest", _first(candidates, longest)))
            if self._shortest is None or shortest < self._shortest:
                self._shortest = shortest
                found.append(("shortest", _first(candidates, shortest)))
        return found

    def _is_between(self, segments: BatchSegments, sizes: Sequence[int]) -> bool:
        """Return whether no recipient except the measured ones can have a new extreme."""
        if not sizes:  # All recipients have the same text.
            return True
        if not isinstance(sizes, bytes) or not self._known:
            return False
        if segments.measured:
            lanes = bytearray(sizes)
            for at in segments.measured:
                lanes[at] = self._known[0]
            sizes = bytes(lanes)
        return not sizes.translate(None, self._known)

    def _learn(self, segments: BatchSegments, sizes: Sequence[int]) -> None:
        """Add the sizes of the batch to those that are known."""
        if isinstance(sizes, bytes):
            even = {size for at, size in enumerate(sizes) if at not in segments.measured}
            if even or self._known:
                known = even | set(self._known)
                self._known = bytes(range(min(known), max(known) + 1))


def _first(candidates: Mapping[int, _Key], key: _Key) -> int:
    return min(at for at, each in candidates.items() if each == key)


class _FlipSurvey:
    """The recipients whose values make a GSM-7 text UCS-2."""

    def __init__(self, counter: SegmentCounter) -> None:
        self._tags = counter.tags if counter.is_gsm7 else ()
        self.by_segments: dict[int, LocatedCount] = {}
        self.typographic: dict[int, LocatedCount] = {}
        self.typography: dict[str, int] = {}
        self._flips: dict[str, _Flip] = {}

    def on_batch(self, batch: RecipientBatch, measured: Mapping[int, int]) -> Mapping[int, int]:
        """Add recipients, and return the segments of those whose values flip the encoding, by offset."""
        flipped: dict[int, int] = {}
        if not measured or not self._tags:
            return flipped
        columns = [(tag, batch.column(tag)) for tag in self._tags]
        for at in sorted(measured):
            odd = [(tag, found) for tag, column in columns if (found := sms.outside_gsm7(column[at]))]
            if not odd:
                continue
            flipped[at] = measured[at]
            self.by_segments.setdefault(measured[at], LocatedCount()).add_at(at, batch.location)
            for tag, characters in odd:
                flip = self._flips.setdefault(tag, _Flip())
                flip.tally.add_at(at, batch.location)
                flip.add(set(characters))
            every = {character for _, characters in odd for character in characters}
            if _replaceable().issuperset(every):
                self.typographic.setdefault(measured[at], LocatedCount()).add_at(at, batch.location)
                for character in every:
                    self.typography[character] = self.typography.get(character, 0) + 1
        return flipped

    def facts(self) -> tuple[EncodingFlip, ...]:
        """Return the flips of each tag, in the order of the text."""
        return tuple(self._flips[tag].facts(tag) for tag in self._tags if tag in self._flips)


class _Flip(Struct):
    """The values of one tag that are not GSM-7."""

    tally: LocatedCount = field(default_factory=LocatedCount)
    characters: Counter[str] = field(default_factory=Counter)

    def add(self, found: AbstractSet[str]) -> None:
        """Add the characters outside GSM-7 of a value."""
        characters = self.characters
        if len(characters) + len(found) <= DIFFERENT_CHARACTERS_MAX:
            characters.update(found)
            return
        for character in sorted(found):
            if character in characters or len(characters) < DIFFERENT_CHARACTERS_MAX:
                characters[character] += 1

    def facts(self, tag: str) -> EncodingFlip:
        """Return the flip, without the letters that few recipients have."""
        shown: Counter[str] = Counter()
        scripts: Counter[str] = Counter()
        for character, recipients in self.characters.items():
            if recipients >= SHARED_MIN or is_typography(character):
                shown[character] = recipients
            else:
                scripts[script_of(character)] += recipients
        return EncodingFlip(tag, self.tally.occurrences, _frequent(shown), _frequent(scripts))


def _frequent(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return the most frequent ones with their numbers."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ordered[:CHARACTERS_MAX])


@cache
def _replaceable() -> frozenset[str]:
    """Return the typographic characters with a plain twin."""
    return frozenset(each.character for each in plain_twins().values() if not each.is_letter)
