"""The name of a send job is blank, or has spaces at its edges.

What: `messageName` must have a character other than a space. Spaces at its edges are a warning.

Why: the API refuses a blank name. It accepts a name with spaces at its edges, and then `Sale` and
`Sale ` are two names. The name is what keeps the API from sending a job twice.

Source: Acoustic Campaign, sending to a contact source: 400 `Invalid message name`; it accepts names
with edge spaces with 201.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: "  "
        scheduledDate: "2030-03-01T14:00:00Z"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contactSourceId: 4396816
        messageName: "{{ campaign }}-teaser"
        scheduledDate: "2030-03-01T14:00:00Z"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class MessageName(Rule):
    """Names that the API refuses, or that look equal to another name."""

    id = "message-name"
    group = RuleGroup.API
    level = Level.ERROR
    reasons: ClassVar = {
        "blank": "the name is blank",
        "edge-space": "the name starts or ends with a space",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Check the name and its edges."""
        send = checked_send.send
        name = send.payload.get("messageName")
        if name is None:
            return
        if not name.strip():
            location = send.locations.of("messageName")
            yield Violation("blank", "messageName is blank", location, "give the send job a unique name")
        elif name != name.strip():
            location = send.locations.of("messageName")
            message = f"messageName '{name}' starts or ends with a space"
            yield Violation("edge-space", message, location, f"write '{name.strip()}'", Level.WARNING)
