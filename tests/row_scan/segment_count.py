"""Segments of a text to many recipients, counted exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec import sms
from sendspec.text_defects import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.model import Contact


class SegmentCounter:
    """Counts the segments of one text with tags; most batches need no look at single recipients."""

    def __init__(self, content: str, defaults: Mapping[str, str]) -> None:
        self._content, self._defaults = content, defaults
        self._of_each = None if sms.tags_in(content) else sms.segments(content)
        tags = sms.tags_in(content)
        self._uses = sum(content.count(f"%%{tag}%%") for tag in tags)
        self._fallback = max((len(defaults.get(tag, f"%%{tag}%%")) for tag in tags), default=0)
        fixed = sms.substitute(content, dict.fromkeys(tags, ""), {})
        is_basic = sms.is_basic(fixed) and sms.is_basic("".join(defaults.values()))
        # A text that only has tags may be empty, and an empty text has no segment.
        self._free = sms.GSM7_SINGLE - len(fixed) if fixed and is_basic else -1

    def count(self, contacts: Sequence[Contact], joined: str) -> int:
        """Return the segments to `contacts`, whose values are `joined`."""
        if self._of_each is not None:
            return self._of_each * len(contacts)
        if self._free >= 0 and self._fits_one_segment(joined):
            return len(contacts)
        content, defaults = self._content, self._defaults
        return sum(
            sms.segments(sms.substitute(content, contact.personalization, defaults)) for contact in contacts
        )

    def _fits_one_segment(self, joined: str) -> bool:
        """Return whether every recipient's text has one segment, as if the longest value filled each tag."""
        values = joined.split(SEPARATOR)
        longest = max(self._fallback, *map(len, values))
        return self._uses * longest <= self._free and sms.is_basic("".join(values))
