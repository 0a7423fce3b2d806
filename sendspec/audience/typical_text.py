"""The text to a typical recipient: one with as many segments as most, and with a value for every tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sendspec.audience.recipient_batch import RecipientBatch
    from sendspec.audience.segment_count import BatchSegments
    from sendspec.model import Occurrences, TextExample


class TypicalText:
    """Finds the first recipients with each number of segments whose values do not flip the encoding."""

    def __init__(self, tags: Sequence[str]) -> None:
        self._tags = tags
        self._filled: dict[int, TextExample] = {}
        self._others: dict[int, TextExample] = {}
        """Those who have no value for some tag."""

    def on_batch(
        self,
        batch: RecipientBatch,
        segments: BatchSegments,
        flipped: AbstractSet[int],
        example: Callable[[int], TextExample],
    ) -> None:
        """Add the recipients of one request, of which those at the offsets `flipped` are not typical."""
        wanted = [count for count in segments.histogram if count not in self._filled]
        columns = [batch.column(tag) for tag in self._tags if batch.has_blanks(tag)] if wanted else []
        for count in wanted:
            for at, of in enumerate(segments.of_recipients):
                if of != count or at in flipped:
                    continue
                if all(column[at] for column in columns):
                    self._filled[count] = example(at)
                    break
                if count not in self._others:
                    self._others[count] = example(at)

    def choose(self, regular: Mapping[int, Occurrences]) -> TextExample | None:
        """Return the text with the most frequent number of segments, None if every text is flipped.

        `regular` has the recipients whose values do not flip the encoding by the number of their segments.
        """
        frequent = sorted(regular, key=lambda count: (-regular[count].count, count))
        for examples in (self._filled, self._others):
            for count in frequent:
                if count in examples:
                    return examples[count]
        return None
