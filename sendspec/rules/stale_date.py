"""A date in the text is over, or on another weekday.

What: a date in `content` or a default is not before the day of the send: its `notBefore`, or now. The rule
knows names of months in English, French, German, Spanish, Italian, Portuguese and Dutch, and numbers such
as `31.12.`, `11/30` and `2026-12-31`. A weekday beside a date is the right one ("Friday, 12 March"), and
the calendar has the date, unlike "31 November". A date without a year is the nearest one. The rule is
silent about dates that can be meant otherwise: `03/04` is two days, and numbers without a year count only
after a word such as until. In transactional messages, only dates after such a word count, because they
often are about the past.

Why: a campaign that is copied or late offers something that is over, and a wrong weekday brings people on
the wrong day.

Source: this project's caution. Names of months and days: Unicode CLDR.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off until 1 March 2026. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off until 1 March 2036. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level, Purpose
from sendspec.rules._lib.rule import Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.text_location import text_location
from sendspec.text_content import StaleDateKind, stale_dates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class StaleDateRule(Rule):
    """Dates that are over when a text is sent, or not on the day that the text names."""

    id = "stale-date"
    group = RuleGroup.CONTENT
    level = Level.WARNING
    reasons: ClassVar = {
        "past": "a date is before the send",
        "weekday": "a date is on another weekday",
        "impossible": "a date is not in the calendar",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the dates in the texts of a send with the instant of the send."""
        send = checked_send.send
        at = max(context.now, send.not_before or context.now)
        is_offer = send.purpose is Purpose.MARKETING
        for text in checked_send.texts:
            for stale in stale_dates(text.masked, at, is_offer=is_offer):
                written = text.written[stale.start : stale.end]
                if stale.day is None:
                    message = f"'{written}' is not in the calendar"
                    hint = "check the day and the month"
                elif stale.kind is StaleDateKind.PAST:
                    message = f"'{written}' ({stale.day}) is before the send, {at:%Y-%m-%d}"
                    hint = "write a later date, or send it earlier"
                else:
                    message = f"'{written}' is not on this day: {stale.day} is a {stale.day:%A}"
                    hint = "check the weekday and the date"
                location = text_location(send, context, text.part(stale.start, stale.end))
                yield Violation(stale.kind.value, message, location, hint)
