"""A list has the same contact twice.

What: an earlier contact of the same send has the same lookup or number. Numbers are compared without
notation: `+1 212 555 0123` is `12125550123`. The message is sent once, with the values of the first
contact. Different personalization values are an error, because sendspec cannot choose between them.
Lookups that differ only in case, blanks at the edges, Unicode form, or in the notation of a number for
the channel SMS, are sent twice, with a warning.

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
from sendspec.rules._lib.occurrence_phrases import sentence
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import AudienceFacts, Location, Repetitions
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class DuplicateContact(Rule):
    """Contacts that repeat an earlier contact."""

    id = "duplicate-contact"
    group = RuleGroup.PEOPLE
    level = Level.WARNING
    reasons: ClassVar = {
        "repeated": "a contact repeats an earlier contact",
        "conflicting-values": "a contact repeats an earlier contact with other values",
        "similar-lookup": "a lookup differs from an earlier one only in notation",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the duplicates that the scan left out, and lookups, which it compared exactly."""
        facts = checked_send.facts
        if facts is None:
            return
        if facts.repeated is not None:
            yield Violation(
                "repeated",
                _message(facts.repeated, "an earlier contact"),
                _first(facts.repeated),
                "each number gets one message; remove the duplicates to silence this warning",
            )
        if facts.conflicting is not None:
            yield Violation(
                "conflicting-values",
                _message(facts.conflicting, "an earlier contact with other values"),
                _first(facts.conflicting),
                "find the correct values, and keep only their rows",
                Level.ERROR,
            )
        yield from _similar_lookups(facts)


def _similar_lookups(facts: AudienceFacts) -> Iterator[Violation]:
    similar = facts.similar_lookups
    if similar is not None:
        yield Violation(
            "similar-lookup",
            sentence(
                similar, "lookup", "is", "an earlier one with other case, blanks, plus sign or Unicode form"
            ),
            similar.first,
            "keep one of them if they are the same contact",
        )


def _message(repetitions: Repetitions, repeated: str) -> str:
    original = repetitions.original
    this = f"{repeated}; this one repeats {original.file}:{original.line}"
    return sentence(repetitions.occurrences, "contact", "repeats", this)


def _first(repetitions: Repetitions) -> Location:
    return repetitions.occurrences.first
