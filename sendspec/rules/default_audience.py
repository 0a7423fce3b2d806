"""A send job names no list, so the vendor uses its own.

What: a send to a contact source must have a `contactSourceId`. The rule ignores sends that are
already sent.

Why: without it, the vendor uses the list of the published message. A reviewer cannot see that list,
and it may contain every contact of the organisation. One missing parameter has sent an evacuation
order to a whole county. If the message's own list is intended, `allow` this rule and name the list in
the reason.

Source: Acoustic Campaign, sending to a contact source: `contactSourceId`, absent = the published
message's own.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        messageName: spring-sale-teaser
        scheduledDate: "2036-03-01T14:00:00Z"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: spring-sale-teaser
        scheduledDate: "2036-03-01T14:00:00Z"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.model import Level
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext

_HINT: Final = "write the id of the list in `contactSourceId`, or `allow` this rule and name the list"


class DefaultAudience(Rule):
    """Send jobs to a list that the specs do not name."""

    id = "default-audience"
    group = RuleGroup.PEOPLE
    level = Level.ERROR
    reasons: ClassVar = {
        "missing": "the send has no contactSourceId",
        "zero": "contactSourceId is 0, which is not the id of a list",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check that a pending send to a contact source names the list."""
        send = checked_send.send
        posted = checked_send.comparison.unknown  # Only the same request may be repeated, without an edit.
        if send.endpoint.traits.has_contacts or not checked_send.pending or posted:
            return
        source = send.payload.get("contactSourceId")
        if source is None:
            message = "the send has no contactSourceId, so the vendor sends to the message's own list"
            yield Violation("missing", f"{message}, of unknown size", send.locations.root, _HINT)
        elif source == 0:
            message = "contactSourceId is 0, so the vendor may send to the message's own list"
            yield Violation("zero", message, send.locations.of("contactSourceId"), _HINT)
