"""A send takes more than one request: how many, and the least time they take.

What: says in how many requests of 1,000 recipients a send goes out, and how long that takes at
least with as many at once as the target allows (`concurrency`, 10 at most). It counts what would
still go out, not what was sent already.

Why: requests go out one after another, so the last recipient gets the message later than the first,
and a window that ends soon may close in between.

Source: Acoustic Campaign: 1,000 contacts a request, 10 requests at once in an organisation, over all
its integrations. How long a request takes is not documented: the option `seconds` assumes it
(default 1), and what is told is a lower bound under that assumption.

Bad (1,000 recipients a request, and 2,412 rows in the file):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts: {file: ../contacts/vip.csv}

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

from math import ceil
from typing import TYPE_CHECKING, ClassVar

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.base import Option, Rule, Violation
from sendspec.rules._lib.options import positive_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.base import CheckedSend, Context


class Batching(Rule):
    """How many requests, and the least time."""

    id = "batching"
    level = Level.INFO
    options: ClassVar = {
        "seconds": Option(1, "how long one request is assumed to take, in seconds", positive_number)
    }

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Count the requests that are still to go out."""
        requests = len(checked_send.comparison.pending)
        if requests < 2 or checked_send.facts is None:  # noqa: PLR2004 - more than one
            return
        at_once = context.target.concurrency
        seconds = context.option(self, "seconds")
        least = ceil(requests / at_once) * seconds
        yield Violation(
            f"{pluralize(requests, 'request')} take at least {_duration(least)}, if each takes {seconds:g} s "
            f"and {at_once} {'goes' if at_once == 1 else 'go'} at once",
            checked_send.send.locations.key("contacts"),
        )


def _duration(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004 - two minutes: seconds say it better up to there
        return f"{seconds:g} s"
    return f"{ceil(seconds / 60):,} min"
