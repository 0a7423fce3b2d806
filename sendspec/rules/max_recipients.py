"""A send has more recipients than a send of this project may have.

What: a send whose contacts are in the repository may have at most `limit` recipients (option,
default 50,000), counted without duplicates. Those of a contact source only the vendor knows.

Why: the API has no cancel. A wrong export, or the whole list instead of a part of it, is on its way
to everybody within minutes.

Source: this project's caution; the API itself states no limit for the sum of requests.

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
from sendspec.rules._lib.base import Option, Rule, Violation
from sendspec.rules._lib.options import positive_integer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.base import CheckedSend, Context


class MaxRecipients(Rule):
    """More recipients than the project allows."""

    id = "max-recipients"
    level = Level.ERROR
    options: ClassVar = {
        "limit": Option(50_000, "the most recipients that one send may have", positive_integer)
    }

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Compare the number of recipients with the limit."""
        limit = context.option(self, "limit")
        if checked_send.facts is not None and checked_send.facts.count > limit:
            yield Violation(
                f"{pluralize(checked_send.facts.count, 'recipient')}, at most {limit:,} in one send",
                checked_send.send.locations.key("contacts"),
                f"if all of them are meant, raise `limit` of {self.id} in sendspec.yaml, or allow this send",
            )
