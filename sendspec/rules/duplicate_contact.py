"""A list has the same contact twice.

What: an earlier contact of the same send has the same lookup or number. Numbers are compared without
notation: `+1 212 555 0123` is `12125550123`. The message is sent once, with the values of the first
contact. Different personalization values are an error, because sendspec cannot choose between them.
Lookups that differ only in case or in blanks at the edges are sent twice, with a warning.

Why: a second copy of a message annoys its reader and costs as much as the first. The vendor does not
document that it removes duplicates. Two rows with different values usually come from a wrong join.

Source: this project's caution.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate %%GATE%%."
        contacts:
          - {phoneNumber: "447700900123", personalization: {GATE: B12}}
          - {phoneNumber: "+44 7700 900123", personalization: {GATE: C4}}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate %%GATE%%."
        contacts:
          - {phoneNumber: "447700900123", personalization: {GATE: B12}}
          - {phoneNumber: "447700900124", personalization: {GATE: C4}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level
from sendspec.rules._lib.rule import ContactCheck, Rule, Violation
from sendspec.rules._lib.violation_count import ViolationCount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.model import Duplicate, Location, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class DuplicateContact(Rule):
    """Contacts that repeat an earlier contact."""

    id = "duplicate-contact"
    level = Level.WARNING
    reasons: ClassVar = {
        "repeated": "a contact repeats an earlier contact",
        "conflicting-values": "a contact repeats an earlier contact with other values",
        "similar-lookup": "a lookup differs from an earlier one only in case or edge blanks",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Check the lookups, which are compared exactly when duplicates are removed."""
        facts = checked_send.facts
        if facts is not None and facts.similar_lookup_count:
            similar = ViolationCount(facts.similar_lookup_count, list(facts.similar_lookups))
            yield Violation(
                "similar-lookup",
                similar.sentence("lookup", "is", "an earlier one with other case or edge blanks"),
                similar.first,
                "keep one of them if they are the same contact",
            )

    def contact_check(self, send: Send, context: RuleContext) -> ContactCheck | None:
        """Check the duplicates that the scan left out."""
        return _DuplicateCheck()


class _DuplicateCheck(ContactCheck):
    def __init__(self) -> None:
        self._repeated, self._conflicting = ViolationCount(), ViolationCount()
        self._originals: dict[bool, Location] = {}

    def on_duplicates(self, duplicates: Sequence[Duplicate]) -> None:
        for contact, first, conflicting in duplicates:
            (self._conflicting if conflicting else self._repeated).add(contact.location)
            self._originals.setdefault(conflicting, first)

    def violations(self) -> Iterator[Violation]:
        if self._repeated.count:
            yield Violation(
                "repeated",
                self._message(self._repeated, "an earlier contact", self._originals[False]),
                self._repeated.first,
                "each number gets one message; remove the duplicates to silence this warning",
            )
        if self._conflicting.count:
            yield Violation(
                "conflicting-values",
                self._message(
                    self._conflicting, "an earlier contact with other values", self._originals[True]
                ),
                self._conflicting.first,
                "find the correct values, and keep only their rows",
                Level.ERROR,
            )

    @staticmethod
    def _message(occurrences: ViolationCount, repeated: str, original: Location) -> str:
        this = f"{repeated}; this one repeats {original.file}:{original.line}"
        return occurrences.sentence("contact", "repeats", this)
