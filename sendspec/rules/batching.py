"""The window of a send is too short for all of its requests.

What: the pending requests of a send take longer than its window: from `notBefore`, or from now if
that is later, until `notAfter`. A request has 1,000 recipients and takes `seconds` (option, default 1).
The target allows `concurrency` requests in parallel, at most 10. `validate` does not check this,
because it reads no ledger.

Why: apply sends no request after `notAfter`, so the last recipients of the list get no message.

Source: Acoustic Campaign: 1,000 contacts a request, and 10 parallel requests for an organisation,
over all its integrations. The API does not document how long a request takes; `seconds` is an
assumption, and the least time is a lower bound under it.

Bad (with `seconds: 60`, and more than 1,000 rows in the file):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts: {file: ../contacts/vip.csv}
        notBefore: "2036-03-01T09:00:00Z"
        notAfter: "2036-03-01T09:00:30Z"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: last-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts: {file: ../contacts/vip.csv}
        notBefore: "2036-03-01T09:00:00Z"
        notAfter: "2036-03-01T18:00:00Z"
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, ClassVar

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.option_values import POSITIVE_NUMBER
from sendspec.rules._lib.rule import Option, Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class Batching(Rule):
    """Windows that end before the last request of a send can go out."""

    id = "batching"
    group = RuleGroup.TIME
    level = Level.WARNING
    reasons: ClassVar = {"short-window": "the window is too short for all requests"}
    options: ClassVar = {
        "seconds": Option(1, "the seconds that one request is assumed to take", POSITIVE_NUMBER)
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Compare the least time of the pending requests with the time until `notAfter`."""
        requests = len(checked_send.comparison.pending)
        available = _available_seconds(checked_send.send, context)
        if requests < 2 or context.offline or available is None:  # noqa: PLR2004 - more than one
            return
        concurrency = context.target.concurrency
        seconds = context.option(self, "seconds")
        least = ceil(requests / concurrency) * seconds
        # A window that never opens or has expired is a violation of the rule `window`.
        if 0 < available < least:
            yield Violation(
                "short-window",
                f"{pluralize(requests, 'request')} need at least {least:,.10g} s ({seconds:g} s each, "
                f"{concurrency} in parallel), but the window has only {floor(available):,} s",
                checked_send.send.locations.of("notAfter"),
                "write a later `notAfter`",
            )


def _available_seconds(send: Send, context: RuleContext) -> float | None:
    if send.not_after is None:
        return None
    start = context.now if send.not_before is None else max(context.now, send.not_before)
    return (send.not_after - start).total_seconds()
