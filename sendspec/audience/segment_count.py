"""Segments of a text to many recipients, counted exactly."""

from __future__ import annotations

import re
from collections import Counter
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sendspec import sms
from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_defects import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.audience.number_survey import BatchRegions
    from sendspec.audience.recipient_batch import RecipientBatch

_BYTE_MAX: Final = 255
_BEYOND_BASIC: Final = lazy_pattern(f"[^{re.escape(sms.GSM7_BASIC + SEPARATOR)}][^{SEPARATOR}]*")
_BEYOND_BMP: Final = lazy_pattern(f"[\U00010000-\U0010ffff][^{SEPARATOR}]*")
_NONE: Final[Mapping[int, int]] = MappingProxyType({})


class BatchSegments:
    """The segments of one text to each of `count` recipients.

    `of_each` is the number for all of them except those in `measured`, by offset; None if it depends on
    `by_size`. `sizes` has the characters of the values of each recipient; it may be empty if `of_each`
    is known.
    """

    def __init__(
        self,
        count: int,
        of_each: int | None,
        sizes: Sequence[int] = (),
        by_size: Mapping[int, int] = _NONE,
        measured: Mapping[int, int] = _NONE,
    ) -> None:
        self.count, self.measured, self.sizes = count, measured, sizes
        self._of_each, self._by_size = of_each, by_size
        self._of_recipients: Sequence[int] | None = None
        self.histogram = self._histogram()
        """The recipients by the number of their segments."""
        self.total = sum([segments * recipients for segments, recipients in self.histogram.items()])
        """The segments to all recipients."""

    @property
    def of_recipients(self) -> Sequence[int]:
        """The segments to each recipient."""
        if self._of_recipients is None:
            self._of_recipients = self._find_of_recipients()
        return self._of_recipients

    def _find_of_recipients(self) -> Sequence[int]:
        of_each, by_size = self._of_each, self._by_size
        most = max((of_each or 0, *by_size.values(), *self.measured.values()))
        of: list[int] | bytearray
        if of_each is not None:
            of = [of_each] * self.count
        elif isinstance(self.sizes, bytes) and most <= _BYTE_MAX:
            of = bytearray(self.sizes.translate(bytes(by_size.get(size, 0) for size in range(256))))
        else:
            of = [by_size.get(size, 0) for size in self.sizes]
        for at, segments in self.measured.items():
            of[at] = segments
        return of

    def _histogram(self) -> Mapping[int, int]:
        if self._of_each is None:
            of = self.of_recipients
            return {segments: of.count(segments) for segments in set(of)}
        if not self.measured:
            return {self._of_each: self.count} if self.count else {}
        counts = Counter(self.measured.values())
        if len(self.measured) < self.count:
            counts[self._of_each] += self.count - len(self.measured)
        return counts

    def by_region(self, regions: BatchRegions) -> Mapping[str, int]:
        """Return the segments by region of the recipients."""
        if len(regions.counts) == 1:
            return dict.fromkeys(regions.counts, self.total)
        if self._of_each is not None and not self.measured:
            return {region: count * self._of_each for region, count in regions.counts.items()}
        totals: Counter[str] = Counter()
        for region, segments in zip(regions.of_recipients, self.of_recipients, strict=True):
            totals[region] += segments
        return totals


class SegmentCounter:
    """Counts the segments of one text with tags; most batches need no look at single recipients."""

    def __init__(self, content: str, defaults: Mapping[str, str]) -> None:
        self.content, self.defaults = content, defaults
        self.uses = sms.tag_uses(content)
        """How often each tag is in the text, in order of appearance."""
        self.tags = tuple(self.uses)
        self._of_all = None if self.uses else sms.segments(content)
        fixed = "".join(sms.fixed_parts(content))
        self.is_gsm7 = sms.is_gsm7(fixed)
        """True if the text between the tags is GSM-7."""
        self.fixed_characters = len(fixed)
        self._units = sms.length(fixed)
        self._wide = self._units - len(fixed)
        fallbacks = {tag: defaults.get(tag, f"%%{tag}%%") for tag in self.uses}
        self._of_empty = self._certain(0)
        self.fallbacks = {tag: len(text) for tag, text in fallbacks.items()}
        """The characters of what replaces each tag without a value."""
        self._odd_fallbacks = [tag for tag, text in fallbacks.items() if not self._is_even(text)]

    @property
    def value_length_max(self) -> float:
        """The length of values up to which every text has as many segments as without its values."""
        if not self.uses:
            return inf
        segments = sms.basic_segments(self.fixed_characters)
        size = sms.GSM7_SINGLE if segments <= 1 else segments * sms.GSM7_SEGMENT
        return (size - self.fixed_characters) / sum(self.uses.values())

    def count(self, batch: RecipientBatch) -> BatchSegments:
        """Return the segments to the recipients of one request, with sizes only if they are necessary."""
        if self._of_all is not None:
            return BatchSegments(len(batch), self._of_all)
        measured = {at: sms.segments(self.text(batch, at)) for at in self._odd_recipients(batch)}
        of_each = self._common(batch)
        if of_each is not None:
            return BatchSegments(len(batch), of_each, measured=measured)
        sizes = self._sizes(batch)
        certain = {size: self._certain(size) for size in set(sizes)}
        if None in certain.values():
            for at, size in enumerate(sizes):
                if certain[size] is None and at not in measured:
                    measured[at] = sms.segments(self.text(batch, at))
        by_size = {size: segments for size, segments in certain.items() if segments is not None}
        return BatchSegments(len(batch), None, sizes, by_size, measured)

    def sizes(self, segments: BatchSegments, batch: RecipientBatch) -> Sequence[int]:
        """Return the characters of the values of each recipient of a batch; nothing without tags."""
        return segments.sizes or (self._sizes(batch) if self.uses else ())

    def text(self, batch: RecipientBatch, at: int) -> str:
        """Return the text to one recipient."""
        return sms.substitute(self.content, batch.personalization(at), self.defaults)

    def _is_even(self, text: str) -> bool:
        """Return whether each character is one unit of the encoding of the text between the tags."""
        return sms.is_basic(text) if self.is_gsm7 else sms.is_bmp(text)

    def _certain(self, size: int) -> int | None:
        """Return the segments with values of `size` characters of one unit; None if that depends."""
        return sms.segments_if_certain(self._units + size, self._wide, gsm7=self.is_gsm7)

    def _common(self, batch: RecipientBatch) -> int | None:
        """Return the segments of each text, if the longest values make no more than no values do."""
        fallbacks = self.fallbacks
        longest = sum([uses * max(batch.longest(tag), fallbacks[tag]) for tag, uses in self.uses.items()])
        of_each = self._certain(longest)
        return of_each if of_each == self._of_empty else None

    def _sizes(self, batch: RecipientBatch) -> Sequence[int]:
        """Return the characters of the values of each recipient, with defaults, as bytes if these suffice."""
        longest = 0
        columns: list[tuple[int, Sequence[int], int]] = []
        for tag, uses in self.uses.items():
            fallback = self.fallbacks[tag] if batch.has_blanks(tag) else 0
            columns.append((uses, batch.lengths(tag), fallback))
            longest += uses * max(batch.longest(tag), fallback)
        if longest > _BYTE_MAX:
            sizes = [0] * len(batch)
            for uses, lengths, fallback in columns:
                added = zip(sizes, lengths, strict=True)
                sizes = [size + uses * (length or fallback) for size, length in added]
            return sizes
        # Each byte of these integers is the size of one recipient, so one addition adds all of them.
        total = 0
        for uses, lengths, fallback in columns:
            column = bytes(lengths)
            if fallback:
                column = column.replace(b"\0", bytes((fallback,)))
            total += int.from_bytes(column, "little") * uses
        return total.to_bytes(len(batch), "little")

    def _odd_recipients(self, batch: RecipientBatch) -> Sequence[int]:
        """Return the offsets of the recipients with a value in which a character needs more than a unit."""
        odd: set[int] = set()
        if not (batch.is_basic or (not self.is_gsm7 and sms.is_bmp(batch.joined))):
            pattern = _BEYOND_BASIC if self.is_gsm7 else _BEYOND_BMP
            odd.update(at for tag in self.uses for at in _offsets(batch.column(tag), pattern))
        for tag in self._odd_fallbacks:
            if batch.has_blanks(tag):
                odd.update(at for at, value in enumerate(batch.column(tag)) if not value)
        return sorted(odd)


def _offsets(column: Sequence[str], pattern: re.Pattern[str]) -> set[int]:
    """Return the offsets of the values in which `pattern` matches."""
    joined = SEPARATOR.join(column)
    found: set[int] = set()
    start = at = 0
    for match in pattern.finditer(joined):
        at += joined.count(SEPARATOR, start, match.start())
        start = match.start()
        found.add(at)
    return found
