"""Recipients of one request by columns, with what several checks need to know about them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sendspec import sms
from sendspec.text_defects import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.audience.contact_columns import ContactColumns
    from sendspec.model import Location


class RecipientBatch:
    """The recipients of one request; each result is computed once, for all texts and sends."""

    def __init__(self, contacts: ContactColumns) -> None:
        self.contacts = contacts
        self._columns: dict[str, Sequence[str]] = {}
        self._longest: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.contacts)

    @cached_property
    def joined(self) -> str:
        """All values in one text with `SEPARATOR` between, so that one operation checks them all."""
        return SEPARATOR.join(map(SEPARATOR.join, self.contacts.values))

    @cached_property
    def is_basic(self) -> bool:
        """True if each character of each value takes one septet of GSM-7."""
        return sms.is_basic(self.joined, SEPARATOR)

    @cached_property
    def characters_max(self) -> int:
        """An upper bound of the characters in the values of one recipient."""
        return sum(map(self._longest_at, range(len(self.contacts.values))))

    def column(self, tag: str) -> Sequence[str]:
        """Return the value of a tag for each recipient, '' if it has none."""
        if tag not in self._columns:
            self._columns[tag] = self.contacts.column(tag) or [""] * len(self)
        return self._columns[tag]

    def has_blanks(self, tag: str) -> bool:
        """Return whether some recipient has no value of a tag."""
        contacts = self.contacts
        if tag in contacts.tags and contacts.tags.index(tag) not in contacts.blank:
            return False
        return "" in self.column(tag)

    def longest(self, tag: str) -> int:
        """Return the length of the longest value of a tag."""
        tags = self.contacts.tags
        if self.contacts.inline:
            return max(map(len, self.column(tag)))
        return self._longest_at(tags.index(tag)) if tag in tags else 0

    def _longest_at(self, at: int) -> int:
        """Return the length of the longest value of the column at this offset."""
        if at not in self._longest:
            self._longest[at] = max(map(len, self.contacts.values[at]))
        return self._longest[at]

    def personalization(self, at: int) -> Mapping[str, str]:
        """Return the values of one recipient by tag."""
        return self.contacts.personalization(at)

    def location(self, at: int) -> Location:
        """Return the location of one recipient."""
        return self.contacts.location(at)
