"""A text has more segments than the project allows.

What: with `limit` (option, not set by default), no recipient's text may have more segments. The rule
counts the segments of each recipient, with filled tags. It is off until `limit` is set.

Why: each segment is paid for. Phones join segments again, but some networks lose or reorder those of
long texts.

Source: this project's choice; 3GPP TS 23.040 V18.0.0, 9.2.3.24, allows 255 segments, and the vendor
six.

Bad (with `limit: 1`):

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Żegnamy, %%NAME%%! Lot z bramki B12 odleci z opóźnieniem, prosimy czekać w hali odlotów."
        contacts:
          - {phoneNumber: "447700900123", personalization: {NAME: Ann}}

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

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.occurrence_phrases import other_locations
from sendspec.rules._lib.option_values import POSITIVE_INTEGER
from sendspec.rules._lib.rule import Option, Rule, Violation
from sendspec.rules._lib.rule_group import RuleGroup
from sendspec.rules._lib.segment_places import above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class MaxSegments(Rule):
    """Texts with too many segments for the project."""

    id = "max-segments"
    group = RuleGroup.COST
    level = Level.WARNING
    reasons: ClassVar = {"over-limit": "a text has more segments than the limit"}
    options: ClassVar = {
        "limit": Option(None, "the maximum number of segments of a text", POSITIVE_INTEGER, 2)
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the segments of each recipient with the limit."""
        limit, facts = context.option(self, "limit"), checked_send.facts
        text = None if facts is None else facts.text
        if limit is None or text is None:
            return
        found = above(limit, text.regular, text.flipped)
        if found is None:
            return
        by_segments = text.by_segments
        if min(by_segments) > limit:
            fewest, most = min(by_segments), max(by_segments)
            counted = pluralize(most, "segment") if fewest == most else f"{fewest} to {most} segments"
            message = f"the text has {counted}, but the project allows at most {limit:,}"
            location = checked_send.send.locations.of("content")
        else:
            texts, verb = pluralize(found.count, "text"), "has" if found.count == 1 else "have"
            message = (
                f"{texts} {verb} more than {pluralize(limit, 'segment')}; the longest has {max(by_segments)}"
            )
            message, location = f"{message}{other_locations(found)}", found.first
        hint = f"shorten the text, or raise `limit` of {self.id} in sendspec.yaml"
        yield Violation("over-limit", message, location, hint)
