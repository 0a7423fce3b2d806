"""Both `content` and `contentId` are given, and one of them is ignored.

What: a send to contacts or with external consent takes its text from `content` or from the published
message `contentId`, not from both.

Why: where both are given the published message wins, so the text that was reviewed here is not the
text that goes out, and none of the rules about the text has seen what does.

Source: Acoustic Campaign, sending an SMS to contacts: `content` or `contentId`; `contentId` wins.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contentId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import Level
from sendspec.rules._lib.base import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.base import CheckedSend, Context


class ContentSource(Rule):
    """Two sources of one text."""

    id = "content-source"
    level = Level.WARNING

    def check_send(self, checked_send: CheckedSend, context: Context) -> Iterable[Violation]:
        """Look for a `contentId` beside `content`."""
        send = checked_send.send
        if "content" in send.payload and "contentId" in send.payload:
            yield Violation(
                "content and contentId are both given: what is sent is the published message of contentId",
                send.locations.key("contentId"),
                "keep the one that is meant",
            )
