"""The window of a send never opens, or has passed before all of it was sent.

What: `notBefore` must be earlier than `notAfter`. A send that was not sent, or not whole, when its
`notAfter` passed is a warning; `validate`, which asks no ledger, says nothing of that.

Why: `apply` holds a send until `notBefore` and never sends it from `notAfter` on, so between the two
there must be a time in which it can go out. What has missed its window is never sent and never an
error again, which nobody notices where the year was typed wrongly.

Source: this project's own keys; see the spec format.

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
        notBefore: "2036-03-01T18:00:00Z"
        notAfter: "2036-03-01T09:00:00Z"

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
        notBefore: "2036-03-01T09:00:00Z"
        notAfter: "2036-03-01T18:00:00Z"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import Level
from sendspec.record_phrases import expired_text
from sendspec.rules._lib.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.base import CheckedSend, Context


class Window(Rule):
    """Windows in which nothing can go out."""

    id = "window"
    level = Level.ERROR

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterator[Violation]:
        """Compare the two ends with each other and with the clock, of what is still to go out."""
        send = checked_send.send
        if send.not_after is None or not checked_send.pending:
            return
        ends = send.not_after.isoformat()
        location = send.locations.of("notAfter")
        if send.not_before is not None and send.not_before >= send.not_after:
            begins = send.not_before.isoformat()
            message = f"notBefore {begins} is not earlier than notAfter {ends}: it can never go out"
            yield Violation(message, location, "were the two exchanged, or is a date or an offset wrong?")
        elif send.not_after <= context.now and not context.offline and not checked_send.comparison.unknown:
            message = f"notAfter {ends} has passed: {expired_text(send, checked_send.record)}"
            hint = "write a later `notAfter` if it shall still go out, or remove the send from the specs"
            yield Violation(message, location, hint, Level.WARNING)
