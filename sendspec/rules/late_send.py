"""Nothing stops an immediate marketing message that is late.

What: a marketing send that starts as soon as it is applied should have a `notAfter`, or a
`ttlInMinutes` if it has contacts. A send job with a `scheduledDate` is not late, because sendspec
never posts it after that date. The rule ignores sends that are already sent.

Why: a queue, a run that is repeated, or a pull request that is merged weeks later sends a message
whose offer is over. In 2019, 168,000 old messages arrived nine months late when a carrier's server
came back. After `notAfter` sendspec posts nothing. After `ttlInMinutes` the vendor discards messages
that it has not sent yet.

Source: Acoustic Campaign, sending an SMS to contacts and with external consent: `ttlInMinutes`,
"discard if not sent by then"; sending to a contact source has no such property. `notAfter` is this
project's own key; see the spec format.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
        notAfter: "2036-03-02T00:00:00-05:00"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level, Purpose
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class LateSend(Rule):
    """Immediate marketing sends without an end."""

    id = "late-send"
    group = RuleGroup.TIME
    level = Level.WARNING
    reasons: ClassVar = {
        "job": "an immediate send job has no notAfter",
        "contacts": "an immediate send to contacts has neither notAfter nor ttlInMinutes",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check that a pending, immediate marketing send has an end."""
        send = checked_send.send
        immediate = send.payload.get("scheduledDate") is None
        limited = send.not_after is not None or send.payload.get("ttlInMinutes")
        if send.purpose is not Purpose.MARKETING or not checked_send.pending or not immediate or limited:
            return
        if send.endpoint.traits.has_contacts:
            reason, properties = "contacts", "neither notAfter nor ttlInMinutes"
            hint = "write a `notAfter`, after which nothing is posted, or a `ttlInMinutes`"
        else:
            reason, properties = "job", "no notAfter"
            hint = "write a `scheduledDate`, or a `notAfter`, after which nothing is posted"
        message = f"the send starts whenever it is applied, however late: it has {properties}"
        yield Violation(reason, message, send.locations.root, hint)
