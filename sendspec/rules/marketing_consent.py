"""Marketing uses an endpoint that does not check consent.

What: a campaign with `purpose: marketing` must not use the endpoint external-consent.

Why: external-consent sends to every number in the request and adds the number to the database.
Marketing to people who did not agree to it is illegal in most places (in the United States the
TCPA: 500 to 1,500 dollars a message). The endpoint contacts only sends to people who opted in.

Source: Acoustic Campaign, sending with external consent: the caller checks consent; 47 CFR
64.1200(a) and 47 U.S.C. 227(b)(3), as of 2024-03-05 (89 FR 15756). This is not legal advice.

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

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level, Purpose
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class MarketingConsent(Rule):
    """Marketing with external-consent."""

    id = "marketing-consent"
    group = RuleGroup.API
    level = Level.ERROR
    reasons: ClassVar = {"unchecked-consent": "marketing uses external-consent"}

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Compare the campaign's purpose with the endpoint."""
        send = checked_send.send
        if send.purpose is Purpose.MARKETING and not send.endpoint.traits.checks_consent:
            yield Violation(
                "unchecked-consent",
                "marketing uses external-consent, which does not check consent",
                send.locations.of("endpoint"),
                "use the endpoint contacts, or move a send that is not marketing to a campaign with "
                "`purpose: transactional`",
            )
