"""A text has words that carriers restrict.

What: `content` and the defaults have no word that is nearly always about content which carriers restrict:
sex, hate, alcohol, firearms, tobacco, cannabis, gambling, finance (high-risk loans, debt, cryptocurrency)
or medicine. The words are whole words in seven languages, without case and accents, outside links. Words
such as shot, pot and high are not among them. `ignore` (option) lists categories that are not reported.

Why: carriers filter such content, or close the number, unless the program is registered for it and asks
for the age of its recipients. Some of it is never allowed.

Source: as of 2026-11-27, not legal advice. CTIA, Messaging Principles and Best Practices, and Short Code
Monitoring Handbook: sex, hate, alcohol, firearms and tobacco need an age gate; hate is not allowed.
Twilio, Forbidden message categories for SMS and MMS in the US and Canada. T-Mobile, Code of Conduct.

Bad:

    campaign: order
    purpose: transactional
    sends:
      - id: ready
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Acme: your order of two bottles of vodka is ready."
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: order
    purpose: transactional
    sends:
      - id: ready
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Acme: your order of two bottles is ready."
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import Level
from sendspec.rules._lib.option_values import OptionValues, list_of
from sendspec.rules._lib.rule import Option, Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.text_location import text_location
from sendspec.text_content import restricted_categories, restricted_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


_CATEGORIES: Final = OptionValues(
    f"must be a list of categories: {', '.join(restricted_categories())}",
    list_of({name: f"Words about {name} are not reported." for name in restricted_categories()}),
)


class RestrictedContent(Rule):
    """Words of content that carriers restrict."""

    id = "restricted-content"
    group = RuleGroup.CONTENT
    level = Level.WARNING
    reasons: ClassVar = {
        "sex": "a word is about sex",
        "hate": "a phrase is hateful",
        "alcohol": "a word is about alcohol",
        "firearms": "a word is about firearms",
        "tobacco": "a word is about tobacco or nicotine",
        "cannabis": "a word is about cannabis or another drug",
        "gambling": "a word is about gambling",
        "finance": "a word is about high-risk loans, debt or cryptocurrency",
        "medicine": "a word is about prescription drugs",
    }
    options: ClassVar = {"ignore": Option(None, "categories that are not reported", _CATEGORIES)}

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check the texts of a send; each category is reported once for each text."""
        send = checked_send.send
        ignored = context.option(self, "ignore") or ()
        for text in checked_send.texts:
            reported = set(ignored)
            for category, start, end in restricted_words(text.masked):
                if category not in reported:
                    reported.add(category)
                    yield Violation(
                        category,
                        f"'{text.written[start:end]}' is in the category {category}, which carriers restrict",
                        text_location(send, context, text.part(start, end)),
                        _hint(category),
                    )


def _hint(category: str) -> str:
    if category == "hate":
        return "remove it; carriers allow no program to send it"
    return "write another word, or add an `allow` entry if your carriers approved this content"
