"""A field for other systems is longer than the API takes.

What: `externalSystemName` and `externalSystemReferenceId` hold at most 2,000 characters each;
`source` should hold at most 256 (a warning).

Why: the API refuses the send for the first two. `source` comes back in the event stream, where a
longer one may be cut.

Source: Acoustic Campaign, sending to a contact source: 400 `Length of External System Name cannot
exceed 2000 characters.`, 400 `Length of External System RefrenceId cannot exceed 2000 characters.`
The vendor states no limit of `source`; 256 is this project's caution.

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

from typing import TYPE_CHECKING, Final

from sendspec.model import Level
from sendspec.rules._lib.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.base import CheckedSend, Context

_LIMITS: Final = (
    ("externalSystemName", 2000, "the API takes 2,000 at most", None),
    ("externalSystemReferenceId", 2000, "the API takes 2,000 at most", None),
    ("source", 256, "what is longer than 256 may be cut in the event stream", Level.WARNING),
)
_LAST_OF_ONE_UNIT: Final = "\uffff"


class ExternalFieldLength(Rule):
    """The length of what is passed through for other systems."""

    id = "external-field-length"
    level = Level.ERROR

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Measure each such field in UTF-16 code units, the longer of the ways to count."""
        send = checked_send.send
        for name, limit, why, level in _LIMITS:
            value = send.payload.get(name, "")
            length = len(value) + sum(character > _LAST_OF_ONE_UNIT for character in value)
            if length > limit:
                message = f"{name} has {length:,} characters, {why}"
                yield Violation(message, send.locations.of(name), "shorten it", level)
