"""The window never opens, or expired before the send was sent.

What: `notBefore` must be earlier than `notAfter`. A send whose `notAfter` expired before all of it was
sent is a warning. `validate` does not report expired windows, because it reads no ledger.

Why: apply sends a send only from `notBefore` until `notAfter`. An expired send is never sent, and
expired sends do not block apply, so a wrong year would go unnoticed.

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

from typing import TYPE_CHECKING, ClassVar

from sendspec.compare import SendState
from sendspec.model import Level
from sendspec.record_phrases import expired_text
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class Window(Rule):
    """Windows in which apply cannot send."""

    id = "window"
    group = RuleGroup.TIME
    level = Level.ERROR
    reasons: ClassVar = {
        "never-opens": "notBefore is not earlier than notAfter",
        "expired": "notAfter expired before the whole send was sent",
    }
    applies_to_finished_sends = True

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the ends of the window of a pending send with each other and with the clock."""
        send = checked_send.send
        under_way = checked_send.comparison.state is SendState.AUDIENCE_CHANGED
        if send.not_after is None or not (checked_send.pending or under_way):
            return
        if send.not_before is not None and send.not_before >= send.not_after:
            start, end = send.not_before.isoformat(), send.not_after.isoformat()
            message = f"notBefore {start} is not earlier than notAfter {end}, so the send is never sent"
            location = send.locations.of("notAfter")
            yield Violation("never-opens", message, location, "check both dates and their offsets")
        elif send.not_after <= context.now and not context.offline and not checked_send.comparison.unknown:
            expired = expired_text(send, checked_send.record)
            message = f"the window expired at {send.not_after.isoformat()}: {expired}"
            location = send.locations.of("notAfter")
            hint = "write a later `notAfter` to send it, or remove the send from the specs"
            yield Violation("expired", message, location, hint, Level.WARNING)
