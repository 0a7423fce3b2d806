"""Marketing goes to any number without an exclude list.

What: a marketing send with the endpoint external-consent has no `exclude`, neither its own nor one of
its campaign or of the project.

Why: with this endpoint the vendor sends to every number of the request and checks neither consent nor
an earlier STOP. Only an exclude list keeps people who opted out from getting the message.

Source: 47 CFR 64.1200(a)(10), as of 2024-03-05 (89 FR 15756): a revocation of consent must be honoured
within 10 business days. This is not legal advice. Acoustic Campaign, sending with external consent: the
caller checks consent.

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
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        exclude: [../contacts/opt-out.csv]
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level, Purpose
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class ExcludeMissing(Rule):
    """Marketing with external-consent and without an exclude list."""

    id = "exclude-missing"
    group = RuleGroup.PEOPLE
    level = Level.WARNING
    reasons: ClassVar = {"no-exclude-list": "marketing uses external-consent without an exclude list"}

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Look for an exclude list of a marketing send whose vendor call checks no consent."""
        send = checked_send.send
        if send.purpose is Purpose.MARKETING and not send.endpoint.traits.checks_consent and not send.exclude:
            yield Violation(
                "no-exclude-list",
                "marketing uses external-consent without an exclude list of people who opted out",
                send.locations.root,
                "add `exclude: [contacts/opt-out.csv]` to sendspec.yaml, the campaign or the send",
            )
