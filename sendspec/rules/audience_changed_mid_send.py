"""The recipients changed while a send was partly sent.

What: some requests of a send were accepted, the rest is still to go out, and the contacts are no
longer those that were fixed when it began.

Why: requests are 1,000 contacts each in the order of the file. One row more or less shifts all that
follow, so resuming would send to some people twice and to others not at all.

Source: sendspec's promise: no request is ever sent twice; the contacts of a send are fixed at its
first request.

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

Good (the contacts as they were when it began; who is new gets a send of their own):

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

from typing import TYPE_CHECKING

from sendspec.compare import SendState, accepted
from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.record_phrases import OTHER_RECIPIENTS
from sendspec.rules._lib.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.base import CheckedSend, Context


class AudienceChangedMidSend(Rule):
    """Other recipients than those the send began with."""

    id = "audience-changed-mid-send"
    level = Level.ERROR

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Say how far the send had got, and how many recipients there were and are."""
        facts, record = checked_send.facts, checked_send.record
        if checked_send.comparison.state is not SendState.AUDIENCE_CHANGED:
            return
        if facts is None or record is None or record.recipients is None:  # so there is no audience
            return
        sent = accepted(record)
        then, now = record.recipients.count, facts.count
        numbers = (
            f"{then:,} then and now, {OTHER_RECIPIENTS}" if then == now else f"{then:,} then, {now:,} now"
        )
        whole = pluralize(record.expected_requests, "request")
        yield Violation(
            f"the recipients changed after {len(sent):,} of {whole} went out: {numbers}",
            checked_send.send.locations.key("contacts"),
            "put the list back as it was to send the rest, and give those who are new a send of their own; "
            f"`revision: {record.revision + 1}` would send it to the whole list of "
            f"{pluralize(now, 'recipient')}, also to those who have it already",
        )
