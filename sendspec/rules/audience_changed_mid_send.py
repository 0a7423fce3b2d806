"""The recipients changed after a part of the send was sent.

What: the API accepted some requests of the send, and others are pending. The contacts differ from
those in the ledger, which recorded them with the first request.

Why: each request has 1,000 contacts, in the order of the file. One new or removed row moves all rows
after it. The pending requests would then reach some people twice and miss others.

Source: sendspec's promise: no request is sent twice, and the first request fixes the contacts of
its send.

Bad (one contact was added after the first of two requests):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
          - {contactId: "447700900124"}

Good (the first send has its old contacts, and a new send has the new contact):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call-new
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900124"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.compare import SendState, accepted
from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.record_phrases import OTHER_RECIPIENTS
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


_HINT: Final = "restore the list to send the rest, and create a new send for the new recipients"
_HINT_EXCLUDED: Final = (
    "create a new send for the people who got nothing; an older exclude list would text people who opted out"
)


class AudienceChangedMidSend(Rule):
    """Recipients that differ from those of the first request."""

    id = "audience-changed-mid-send"
    group = RuleGroup.LEDGER
    level = Level.ERROR
    reasons: ClassVar = {"recipients-changed": "the recipients changed after a part of the send was sent"}

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Report how many requests were sent, and the number of recipients then and now."""
        facts, record = checked_send.facts, checked_send.record
        if checked_send.comparison.state is not SendState.AUDIENCE_CHANGED:
            return
        if facts is None or record is None or record.recipients is None:
            return
        sent = accepted(record)
        then, now = record.recipients.count, facts.count
        numbers = (
            f"{then:,} then and now, {OTHER_RECIPIENTS}" if then == now else f"{then:,} then, {now:,} now"
        )
        whole = pluralize(record.expected_requests, "request")
        yield Violation(
            "recipients-changed",
            f"the recipients changed after {len(sent):,} of {whole} went out: {numbers}",
            checked_send.send.locations.key("contacts"),
            f"{_HINT_EXCLUDED if facts.excluded_count else _HINT}; "
            f"`revision: {record.revision + 1}` would send to the whole list of "
            f"{pluralize(now, 'recipient')} again",
        )
