"""A send has more recipients than the project allows.

What: a send whose contacts are in the repository has at most `limit` recipients (option, default
50,000), counted without duplicates. The rule does not apply to contact sources, because only the
vendor has their contacts.

Why: the API cannot cancel a send. A wrong export, or the whole list instead of a part of it, reaches
all recipients within minutes.

Source: this project's caution; the API documents no limit for the sum of requests.

Bad (with `limit: 2`):

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
          - {contactId: "447700900125"}

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
          - {contactId: "447700900124"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.option_values import POSITIVE_INTEGER
from sendspec.rules._lib.rule import Option, Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class MaxRecipients(Rule):
    """Sends with too many recipients for the project."""

    id = "max-recipients"
    group = RuleGroup.PEOPLE
    level = Level.ERROR
    reasons: ClassVar = {"over-limit": "the send has more recipients than the limit"}
    options: ClassVar = {
        "limit": Option(50_000, "the maximum number of recipients of one send", POSITIVE_INTEGER)
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Compare the number of recipients with the limit."""
        limit = context.option(self, "limit")
        if checked_send.facts is not None and checked_send.facts.count > limit:
            yield Violation(
                "over-limit",
                f"the send has {pluralize(checked_send.facts.count, 'recipient')}, "
                f"but the project allows at most {limit:,}",
                checked_send.send.locations.key("contacts"),
                f"check the list, then raise `limit` of {self.id} in sendspec.yaml, or `allow` this send",
            )
