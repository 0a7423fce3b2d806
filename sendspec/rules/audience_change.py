"""The list is much longer or shorter than expected.

What: `expected` in a send states its number of recipients, without duplicates and excluded people, and how
far it may differ: `{recipients: 2400, within: 5%}`, or `within: 50` recipients. Another number is an error.

Without `expected`, a new send is compared with what was sent last: the newest revision before a raised
one, under a former address too, or for marketing another send of the specs with the same list and exclude
lists. A number that differs by more than `percent` (default 20) is a warning, unless the difference is less
than `least` recipients (default 10). The rule does not compare transactional sends with other sends, because
their lists are those of a day. It checks sends that are not finished, and not in `validate`, which does not
know these.

Why: a query with a wrong date selects all customers, and an export that was cut off only a tenth of them.
The number of recipients shows it before the message is out. A number that a person wrote is a decision, so a
miss is an error and blocks the plan; a number that only changed since last time may be correct.

`audience-changed-mid-send` is about the rest of a send, whose recipients are fixed.

Source: this project's caution.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        expected: {recipients: 40, within: 5%}
        contacts:
          - {contactId: "447700900123"}
          - {contactId: "447700900124"}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        expected: {recipients: 2}
        contacts:
          - {contactId: "447700900123"}
          - {contactId: "447700900124"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.option_values import POSITIVE_INTEGER, POSITIVE_NUMBER
from sendspec.rules._lib.rule import Option, Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import ExpectedRecipients, Send
    from sendspec.rules._lib.last_sends import LastSend
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class AudienceChange(Rule):
    """Sends with many more or fewer recipients than expected, or than before."""

    id = "audience-change"
    group = RuleGroup.PEOPLE
    level = Level.WARNING
    reasons: ClassVar = {
        "not-expected": "the number of recipients is not the expected one",
        "other-revision": "the last revision had another number of recipients",
        "other-send": "the last send to the same list had another number of recipients",
    }
    options: ClassVar = {
        "percent": Option(20, "the largest change that is not reported, in percent", POSITIVE_NUMBER),
        "least": Option(10, "the smallest change that is reported, in recipients", POSITIVE_INTEGER),
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the number of recipients with the expected one, else with that of the last send."""
        send, facts = checked_send.send, checked_send.facts
        if context.offline or facts is None or not checked_send.pending:
            return
        last = context.last_sends.get(send.address)
        if send.expected is not None:
            if abs(facts.count - send.expected.recipients) > send.expected.difference_max:
                yield _not_expected(send, send.expected, facts.count)
        elif last is not None and last.recipients:
            difference = abs(facts.count - last.recipients)
            percent = 100 * difference / last.recipients
            if percent > context.option(self, "percent") and difference >= context.option(self, "least"):
                yield _changed(send, last, facts.count)


def _not_expected(send: Send, expected: ExpectedRecipients, count: int) -> Violation:
    lowest, highest = max(0, expected.recipients - expected.difference_max), expected.recipients
    if expected.difference_max:
        allowed = f"{lowest:,} to {highest + expected.difference_max:,}"
    else:
        allowed = f"{highest:,}"
    return Violation(
        "not-expected",
        f"the send has {pluralize(count, 'recipient')}, but `expected` allows {allowed}",
        send.locations.of("expected", "recipients"),
        "check the list, and write the number in `expected` that you approve",
        Level.ERROR,
    )


def _changed(send: Send, last: LastSend, count: int) -> Violation:
    percent = round(100 * abs(count - last.recipients) / last.recipients)
    change = f"{percent:,}% {'more' if count > last.recipients else 'fewer'}"
    what = f"{last.address} to this list" if last.revision is None else f"revision {last.revision}"
    return Violation(
        "other-send" if last.revision is None else "other-revision",
        f"the send has {pluralize(count, 'recipient')}, {change} than the {last.recipients:,} of {what} "
        f"on {last.at:%Y-%m-%d}",
        send.locations.key("contacts"),
        f"check the list; write `expected: {{recipients: {count}}}` if it is correct",
    )
