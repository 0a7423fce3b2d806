"""A field for other systems is longer than the API accepts.

What: `externalSystemName` and `externalSystemReferenceId` have at most 2,000 characters each.
`source` should have at most 256 (a warning).

Why: the API refuses a send with one of the first two too long. The event stream contains `source`,
and may cut a longer one.

Source: Acoustic Campaign, sending to a contact source: 400 `Length of External System Name cannot
exceed 2000 characters.`; 400 `Length of External System RefrenceId cannot exceed 2000 characters.`
The vendor documents no limit of `source`; 256 is this project's caution.

Bad:

    campaign: spring-sale
    purpose: marketing
    vars: {long: "0123456789012345678901234567890123456789012345678901234567890123"}
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        source: "{{ long }}{{ long }}{{ long }}{{ long }}{{ long }}"
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
        source: spring-sale-2026
        contacts:
          - {contactId: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import Level
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_LIMITS: Final = (
    ("externalSystemName", 2000, "too-long", "but the API accepts at most 2,000", None),
    ("externalSystemReferenceId", 2000, "too-long", "but the API accepts at most 2,000", None),
    ("source", 256, "may-be-cut", "and the event stream may cut it after 256", Level.WARNING),
)
_ONE_UNIT_MAX: Final = "\uffff"


class ExternalFieldLength(Rule):
    """The length of properties that other systems receive."""

    id = "external-field-length"
    group = RuleGroup.API
    level = Level.ERROR
    reasons: ClassVar = {
        "too-long": "the API refuses the length",
        "may-be-cut": "the event stream may cut the value",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Count each field in UTF-16 code units, which give the highest of the possible counts."""
        send = checked_send.send
        for name, limit, reason, consequence, level in _LIMITS:
            value = send.payload.get(name)
            if value is None:
                continue
            length = len(value) + sum(character > _ONE_UNIT_MAX for character in value)
            if length > limit:
                message = f"{name} has {length:,} characters, {consequence}"
                yield Violation(reason, message, send.locations.of(name), "shorten the value", level)
