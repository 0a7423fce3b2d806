"""Survey of one text with tags: the recipients without a value, and the filled texts that are too long."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sendspec import sms
from sendspec.audience.located_count import LocatedCount
from sendspec.model import LongTexts, MissingValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sendspec.model import Contact


class TextSurvey:
    """Collects the facts about one text of a send, up to 1,000 recipients at a time."""

    def __init__(self, content: str, defaults: Mapping[str, str]) -> None:
        self._tags = dict.fromkeys(sms.tags_in(content)).keys()
        self._missing: dict[str, _Missing] = {}
        self._lengths = _LengthCheck(content, defaults)

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        """Add recipients."""
        if not self._tags:
            return
        self._lengths.on_contacts(contacts)
        for contact in contacts:
            if not contact.personalization.keys() >= self._tags:
                self._add(contact)

    def _add(self, contact: Contact) -> None:
        for tag in self._tags - contact.personalization.keys():
            missing = self._missing.setdefault(tag, _Missing(tuple(contact.personalization)))
            missing.tally.add(contact.location)

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


@dataclass(slots=True)
class _Missing:
    """The recipients without a value of one tag, and the tags of the first of them."""

    names: tuple[str, ...]
    tally: LocatedCount = field(default_factory=LocatedCount)


@dataclass(slots=True)
class _LongTexts:
    """The texts over one limit."""

    tally: LocatedCount = field(default_factory=LocatedCount)
    longest: int = 0

    def add(self, contact: Contact, length: int) -> None:
        self.tally.add(contact.location)
        self.longest = max(self.longest, length)

    @property
    def facts(self) -> LongTexts | None:
        return LongTexts(self.tally.occurrences, self.longest) if self.tally.count else None


class _LengthCheck:
    """Check of the filled texts; fills only those that can be too long."""

    def __init__(self, content: str, defaults: Mapping[str, str]) -> None:
        self._content, self._defaults = content, defaults
        self._unmeasured_max = _unmeasured_characters_max(content, defaults)
        self.too_long, self.too_long_ucs2 = _LongTexts(), _LongTexts()

    def on_contacts(self, contacts: Iterable[Contact]) -> None:
        unmeasured_max = self._unmeasured_max
        for contact in contacts:
            if sum(map(len, contact.personalization.values())) > unmeasured_max:
                self._measure(contact)

    def _measure(self, contact: Contact) -> None:
        text = sms.substitute(self._content, contact.personalization, self._defaults)
        length = sms.length(text)
        if length > sms.CHARACTERS_MAX:
            self.too_long.add(contact, length)
        elif length > sms.UCS2_CHARACTERS_MAX and not sms.is_gsm7(text):
            self.too_long_ucs2.add(contact, length)


def _unmeasured_characters_max(content: str, defaults: Mapping[str, str]) -> float:
    """Return how many characters the values of a recipient may have without a measurement.

    A character counts at most twice, so a text below half of the lower limit is never too long. The
    bound assumes that every value fills the most used tag, and that every default is used too.
    """
    tags = sms.tags_in(content)
    fixed = len(sms.substitute(content, dict.fromkeys(tags, ""), {}))
    fallback = sum(len(defaults.get(tag, f"%%{tag}%%")) for tag in tags)
    most_uses = max((content.count(f"%%{tag}%%") for tag in tags), default=1)
    return (sms.UCS2_CHARACTERS_MAX // 2 - fixed) / most_uses - fallback
