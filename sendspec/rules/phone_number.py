"""A phone number is not valid.

What: numbers are written with their country code. Spaces, dots, hyphens, parentheses and one plus
sign before the first digit are allowed and removed; other characters make the number invalid. The
number must be valid in its country. Numbers that are reserved for fiction count as valid, and the rule
does not check whether a number is in use. If `audience.countries` of the send has countries, a number of
another country is an error. Numbers that look like those of a second country are a warning.

Why: the vendor accepts a request with invalid numbers (202). It reports them only in the status, after
it sent the other messages. Without its country code, a number may belong to a person in another country.

Source: Acoustic Campaign, sending an SMS to contacts: `contactId` is a phone number with country
code; 202 means that the request is well-formed. Validity: `is_valid_number` of Google's libphonenumber,
with the metadata in the package phonenumbers.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "07700 900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        audience: {countries: [GB]}
        contacts:
          - {phoneNumber: "+44 7700 900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.formatting import pluralize
from sendspec.model import LOCATIONS_MAX, Level, Occurrences
from sendspec.rules._lib.number_phrases import MEANINGS, appearance_text, hint_text, message_text
from sendspec.rules._lib.occurrence_phrases import other_locations, sentence
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendspec.model import NumberFacts, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_COUNTRIES_SHOWN_MAX: Final = 5


class PhoneNumber(Rule):
    """Numbers that no phone can have, or that belong to another country than they should."""

    id = "phone-number"
    group = RuleGroup.API
    level = Level.ERROR
    reasons: ClassVar = {
        **MEANINGS,
        "other-country": "the number belongs to a country that audience.countries does not have",
        "ambiguous-country-code": "the number looks as if its country code were missing",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Check the facts about the numbers of one send."""
        send, facts = checked_send.send, checked_send.facts
        if facts is None:
            return
        yield from _invalid(facts.numbers)
        if send.audience.countries:
            yield from _other_countries(send, facts.numbers.countries)
        yield from _lookalikes(facts.numbers)


def _invalid(numbers: NumberFacts) -> Iterator[Violation]:
    for invalid in numbers.invalid:
        occurrences = invalid.occurrences
        message = message_text(invalid.diagnosis, occurrences)
        yield Violation(invalid.diagnosis.defect.value, message, occurrences.first, hint_text(invalid))


def _other_countries(send: Send, countries: Mapping[str, Occurrences]) -> Iterator[Violation]:
    """Yield one violation for all numbers of countries that the send does not declare."""
    declared = send.audience.countries
    others = {country: found for country, found in countries.items() if country not in declared}
    if not others:
        return
    locations = sorted(location for found in others.values() for location in found.locations)
    occurrences = Occurrences(sum(found.count for found in others.values()), tuple(locations[:LOCATIONS_MAX]))
    shown = [f"{country} {found.count:,}" for country, found in others.items()]
    more = len(shown) - _COUNTRIES_SHOWN_MAX
    listed = ", ".join(shown[:_COUNTRIES_SHOWN_MAX]) + (f" and {more:,} more" if more > 0 else "")
    yield Violation(
        "other-country",
        sentence(occurrences, "number", "is", f"outside {', '.join(declared)}: {listed}"),
        occurrences.first,
        "remove these contacts, or add their countries to audience.countries",
    )


def _lookalikes(numbers: NumberFacts) -> Iterator[Violation]:
    for lookalikes in numbers.lookalikes:
        occurrences = lookalikes.occurrences
        share = f"{occurrences.count:,} of {pluralize(numbers.count, 'number')}"
        appearance = appearance_text(lookalikes.code, occurrences.count)
        yield Violation(
            "ambiguous-country-code",
            f"{share} {appearance}{other_locations(occurrences)}",
            occurrences.first,
            "add the country code, or list the countries of the numbers in audience.countries",
            Level.WARNING,
        )
