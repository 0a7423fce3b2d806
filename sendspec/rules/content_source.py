"""A send has both `content` and `contentId`.

What: a send to contacts or with external consent has its text in `content`, or in the published
message `contentId`, not in both.

Why: the API sends the published message. The reviewed text in `content` is not sent, and no rule
about texts has checked the published message.

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

from typing import TYPE_CHECKING, ClassVar

from sendspec.model import Level
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class ContentSource(Rule):
    """Sends with two sources of their text."""

    id = "content-source"
    group = RuleGroup.API
    level = Level.WARNING
    reasons: ClassVar = {"both": "the send has content and contentId"}

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterable[Violation]:
        """Check for `contentId` beside `content`."""
        send = checked_send.send
        if "content" in send.payload and "contentId" in send.payload:
            yield Violation(
                "both",
                "the send has content and contentId; the API sends the published message of contentId",
                send.locations.key("contentId"),
                "remove content or contentId",
            )
