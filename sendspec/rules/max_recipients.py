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

from sendspec.model import Level
from sendspec.rules.options import positive_integer
from sendspec.rules.rule import Option, Report, Rule
from sendspec.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules.rule import Context, Surveyed


class MaxRecipients(Rule):
    """More recipients than the project allows."""

    id = "max-recipients"
    level = Level.ERROR
    options: ClassVar = {
        "limit": Option(50_000, "the most recipients that one send may have", positive_integer)
    }

    def check_send(self, surveyed: Surveyed, context: Context) -> Iterable[Report]:
        """Compare the number of recipients with the limit."""
        limit = context.option(self, "limit")
        if surveyed.facts is not None and surveyed.facts.count > limit:
            yield Report(
                f"{counted(surveyed.facts.count, 'recipient')}, at most {limit:,} in one send",
                surveyed.send.places.key("contacts"),
                f"if all of them are meant, raise `limit` of {self.id} in sendspec.yaml, or allow this send",
            )
