"""Recipients of one request by columns, with what several checks need to know about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec import sms
from sendspec.text_defects import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.model import Location
    from sendspec.text_defects import PlainCheck


class RecipientBatch:
    """The recipients of one request; each result is computed once, for all texts and sends."""

    def __init__(self, contacts: ContactColumns, check: PlainCheck | None = None) -> None:
        self.joined = _joined(contacts)
        """All values in one text with `SEPARATOR` between, so that one operation checks them all."""
        self.is_plain = check is not None and check.is_plain(self.joined)
        """True if no value needs a closer look."""
        self.contacts = contacts if self.is_plain else contacts.without_blanks()
        if self.contacts is not contacts:
            self.joined = _joined(self.contacts)
        self._length_max = check.length_max if check is not None and self.is_plain else None
        self._offsets = {tag: at for at, tag in enumerate(contacts.tags)}
        self._columns: dict[str, Sequence[str]] = {}
        self._longest: dict[int, int] = {}
        self._lengths: dict[str, Sequence[int]] = {}
        self._is_basic: bool | None = True if self.is_plain else None

    def __len__(self) -> int:
        return len(self.contacts)

    @property
    def is_basic(self) -> bool:
        """True if each character of each value takes one septet of GSM-7."""
        if self._is_basic is None:
            self._is_basic = sms.is_basic(self.joined, SEPARATOR)
        return self._is_basic

    @property
    def characters_max(self) -> int:
        """An upper bound of the characters in the values of one recipient."""
        return sum(map(self._longest_at, range(len(self.contacts.values))))

    def column(self, tag: str) -> Sequence[str]:
        """Return the value of a tag for each recipient, '' if it has none."""
        if tag in self._offsets:
            return self.contacts.values[self._offsets[tag]]
        if tag not in self._columns:
            self._columns[tag] = self.contacts.column(tag) or [""] * len(self)
        return self._columns[tag]

    def has_blanks(self, tag: str) -> bool:
        """Return whether some recipient has no value of a tag."""
        if self.is_plain and tag in self._offsets:
            return False
        return "" in self.column(tag)

    def longest(self, tag: str) -> int:
        """Return an upper bound of the length of the values of a tag."""
        if self.contacts.inline:
            return max(map(len, self.column(tag)))
        return self._longest_at(self._offsets[tag]) if tag in self._offsets else 0

    def lengths(self, tag: str) -> Sequence[int]:
        """Return the length of the value of a tag for each recipient, as bytes unless one is very long."""
        if tag not in self._lengths:
            column = self.column(tag)
            try:
                self._lengths[tag] = bytes(map(len, column))
            except ValueError:
                self._lengths[tag] = list(map(len, column))
        return self._lengths[tag]

    def _longest_at(self, at: int) -> int:
        """Return an upper bound of the length of the values in the column at this offset."""
        if self._length_max is not None:
            return self._length_max
        if at not in self._longest:
            self._longest[at] = max(map(len, self.contacts.values[at]))
        return self._longest[at]

    def personalization(self, at: int) -> Mapping[str, str]:
        """Return the values of one recipient by tag."""
        return self.contacts.personalization(at)

    def location(self, at: int) -> Location:
        """Return the location of one recipient."""
        return self.contacts.location(at)


def _joined(contacts: ContactColumns) -> str:
    return SEPARATOR.join(map(SEPARATOR.join, contacts.values))
