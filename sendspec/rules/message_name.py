"""The name of a send job is blank, or begins or ends with a space.

What: `messageName` must hold more than spaces. Spaces at its edges are a warning.

Why: the API refuses a blank name. It takes a name with spaces at its edges, and then `Sale` and
`Sale ` are two names: what should keep a send from going out twice does not.

Source: Acoustic Campaign, sending to a contact source: 400 `Invalid message name`; names with edge
spaces are accepted with 201.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        messageName: "  "
        scheduledDate: "2030-03-01T14:00:00Z"

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: teaser
        endpoint: contact-source
        publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        messageName: "{{ campaign }}-teaser"
        scheduledDate: "2030-03-01T14:00:00Z"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import Level
from sendspec.rules._lib.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.base import CheckedSend, Context


class MessageName(Rule):
    """A name that the API refuses, or that nobody can tell from another."""

    id = "message-name"
    level = Level.ERROR

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Look at the name and its edges."""
        send = checked_send.send
        name = send.payload.get("messageName")
        if name is None:
            return
        location = send.locations.of("messageName")
        if not name.strip():
            yield Violation("messageName is blank", location, "give the send job a name that is its own")
        elif name != name.strip():
            message = f"messageName '{name}' begins or ends with a space"
            yield Violation(message, location, f"write '{name.strip()}'", Level.WARNING)
