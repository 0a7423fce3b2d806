"""Segments of a text to many recipients, counted exactly."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING

from sendspec import sms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sendspec.audience.recipient_batch import RecipientBatch


class SegmentCounter:
    """Counts the segments of one text with tags; most batches need no look at single recipients."""

    def __init__(self, content: str, defaults: Mapping[str, str]) -> None:
        self._content, self._defaults = content, defaults
        tags = sms.tags_in(content)
        self._of_each = None if tags else sms.segments(content)
        fixed = sms.substitute(content, dict.fromkeys(tags, ""), {})
        self._fixed = len(fixed)
        self._uses = {tag: content.count(f"%%{tag}%%") for tag in tags}
        fallbacks = {tag: defaults.get(tag, f"%%{tag}%%") for tag in tags}
        self._fallbacks = {tag: len(text) for tag, text in fallbacks.items()}
        self._is_basic = sms.is_basic(fixed + "".join(fallbacks.values()))

    @property
    def value_length_max(self) -> float:
        """The length of values up to which every text has as many segments as without its values."""
        if not self._uses:
            return inf
        segments = sms.basic_segments(self._fixed)
        size = sms.GSM7_SINGLE if segments <= 1 else segments * sms.GSM7_SEGMENT
        return (size - self._fixed) / sum(self._uses.values())

    def count(self, batch: RecipientBatch) -> int:
        """Return the segments to the recipients of one request."""
        if self._of_each is not None:
            return self._of_each * len(batch)
        if not self._is_basic:
            return self._measured(batch, range(len(batch)))
        others = () if batch.is_basic else self._beyond_basic(batch)
        if not others and (of_each := self._common(batch)) is not None:
            return of_each * len(batch)
        lengths = self._lengths(batch)
        counts = Counter(lengths)
        counts.subtract(lengths[at] for at in others)
        basic = sum(sms.basic_segments(length) * count for length, count in counts.items())
        return basic + self._measured(batch, others)

    def _common(self, batch: RecipientBatch) -> int | None:
        """Return the segments of each text, as if the longest value filled each tag, if no value is none."""
        longest = self._fixed + sum(
            uses * max(batch.longest(tag), self._fallbacks[tag]) for tag, uses in self._uses.items()
        )
        of_each = sms.basic_segments(longest)
        return of_each if of_each == sms.basic_segments(self._fixed) else None

    def _lengths(self, batch: RecipientBatch) -> list[int]:
        """Return the length of each text, if each character counts once."""
        lengths = [self._fixed] * len(batch)
        for tag, uses in self._uses.items():
            fallback = self._fallbacks[tag]
            values = zip(lengths, map(len, batch.column(tag)), strict=True)
            lengths = [length + uses * (value or fallback) for length, value in values]
        return lengths

    def _beyond_basic(self, batch: RecipientBatch) -> Sequence[int]:
        """Return the offsets of the recipients with a value in which a character needs more than a septet."""
        return sorted(
            {
                at
                for tag in self._uses
                if not sms.is_basic("".join(batch.column(tag)))
                for at, value in enumerate(batch.column(tag))
                if not sms.is_basic(value)
            }
        )

    def _measured(self, batch: RecipientBatch, offsets: Iterable[int]) -> int:
        content, defaults = self._content, self._defaults
        return sum(
            sms.segments(sms.substitute(content, batch.personalization(at), defaults)) for at in offsets
        )
