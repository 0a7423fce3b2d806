"""A marketing message does not say how to opt out.

What: the text of a marketing send says how a recipient can stop the messages: a keyword with a verb or a
purpose ("Reply STOP to opt out", "STOP au 36180", "Abmelden: STOP", "Responde BAJA"), or a number or a
link for opting out. Instructions in English, French, German, Spanish, Italian, Portuguese and Dutch
count, in any text. In other languages, a keyword in capitals, such as STOP, is a warning, because the rule
does not know the words beside it. `words` (option) has further words or phrases that count as an
instruction. The text is checked as rendered, with defaults, but a tag whose values are in the list is not
an instruction.

Why: carriers block marketing without opt-out instructions, and laws require them. Recipients who find
no other way complain.

Source: as of 2026-11-27, not legal advice. CTIA, Messaging Principles and Best Practices: opt-out. FCC,
47 CFR 64.1200(a)(10): `stop`, `quit`, `end`, `revoke`, `opt out`, `cancel` and `unsubscribe` revoke
consent. Directive 2002/58/EC, article 13(2) and (4): the opportunity to object with each message.
France: CNIL, STOP in each commercial SMS. Keywords: Twilio, Telnyx and AWS; the data file has a source
for each.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: non-stop savings, 20% off ends tonight."
        contacts:
          - {contactId: "447700900123"}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: non-stop savings, 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level, Purpose
from sendspec.rules._lib.option_values import TEXTS
from sendspec.rules._lib.readable_text import text_for_all, text_with_defaults
from sendspec.rules._lib.rule import Option, Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.text_location import TextPart, text_location
from sendspec.text_content import foreign_opt_out, has_opt_out, mask_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Location, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class OptOutMissing(Rule):
    """Marketing texts without opt-out instructions."""

    id = "opt-out-missing"
    group = RuleGroup.CONTENT
    level = Level.ERROR
    reasons: ClassVar = {
        "missing": "the text has no opt-out instruction",
        "unknown-words": "the text has a keyword such as STOP, beside words of another language",
        "overridden": "only a default has one, and recipients have other values",
    }
    options: ClassVar = {
        "words": Option(None, "further words that count as an opt-out instruction", TEXTS, ["END"]),
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check that the text of a marketing send says how to opt out."""
        send = checked_send.send
        text = text_for_all(checked_send) if send.purpose is Purpose.MARKETING else None
        if text is None or not text.strip():
            return
        words = tuple(context.option(self, "words") or ())
        if has_opt_out(text, words):
            return
        if has_opt_out(text_with_defaults(send), words):
            yield Violation(
                "overridden",
                "only a default says how to opt out, and recipients with a value of their own do not get it",
                send.locations.of("personalizationDefaults"),
                "write the opt-out instruction in content",
            )
        elif (keyword := foreign_opt_out(text)) is not None:
            yield Violation(
                "unknown-words",
                f"the text has {text[slice(*keyword)]}, but not in words that the rule knows",
                _keyword_location(send, context),
                "if it says how to opt out, add its words to the option `words` of this rule",
                Level.WARNING,
            )
        else:
            yield Violation(
                "missing",
                "a marketing text does not say how to opt out",
                send.locations.of("content"),
                "add 'Reply STOP to opt out'; the rule knows seven languages, so name words of others in its "
                "option `words`",
            )


def _keyword_location(send: Send, context: RuleContext) -> Location:
    """Return the location of a keyword in the text, that of the text if a default has the keyword."""
    content = send.inline_text or ""
    keyword = foreign_opt_out(mask_tags(content))
    if keyword is None:
        return send.locations.of("content")
    return text_location(send, context, TextPart(("content",), content, *keyword))
