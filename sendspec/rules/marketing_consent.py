"""Marketing goes out through the call that checks no consent.

What: a campaign with `purpose: marketing` must not use the endpoint external-consent.

Why: external-consent sends to every number it is given and adds the number to the database. Sending
marketing to somebody who did not agree to it is against the law in most places (in the United States
the TCPA: 500 to 1,500 dollars a message). The endpoint contacts sends only to who is opted in.

Source: Acoustic Campaign, sending with external consent: consent is the caller's to check;
47 CFR 64.1200(a) and 47 U.S.C. 227(b)(3).

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {phoneNumber: "447700900123"}

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
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import Endpoint, Level, Purpose
from sendspec.rules._lib.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.base import CheckedSend, Context


class MarketingConsent(Rule):
    """Marketing on external-consent."""

    id = "marketing-consent"
    level = Level.ERROR

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Compare the campaign's purpose with the endpoint."""
        send = checked_send.send
        if send.purpose is Purpose.MARKETING and send.endpoint is Endpoint.EXTERNAL_CONSENT:
            yield Violation(
                "marketing on external-consent, which checks no consent",
                send.locations.of("endpoint"),
                "use the endpoint contacts, which sends only to who is opted in; if it is no marketing, "
                "move it to a campaign with `purpose: transactional`",
            )
