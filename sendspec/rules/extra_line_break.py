"""A text has line breaks that its author cannot see.

What: `content` starts or ends with a line break, or a template statement on a line of its own leaves
an empty line. It is a warning if the line breaks cost segments, and else a note.

Why: `content: |` adds a line break, so a text of 160 characters takes two segments. `{% if %}` on its
own line leaves its line break in the text.

Source: YAML 1.2.2, 8.1.1.2 Block Chomping Indicator; Jinja, Whitespace Control; 3GPP TS 23.040.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: |
          Your flight now leaves from gate B12.
        contacts:
          - {phoneNumber: "447700900123"}

Good:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: |-
          Your flight now leaves from gate B12.
        contacts:
          - {phoneNumber: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.formatting import pluralize
from sendspec.model import Level
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class ExtraLineBreak(Rule):
    """Line breaks at the edges of a text, and empty lines of template statements."""

    id = "extra-line-break"
    group = RuleGroup.CONTENT
    level = Level.WARNING
    reasons: ClassVar = {
        "costs-segments": "unseen line breaks cost segments",
        "unseen": "unseen line breaks are sent",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare the text with the one that its author sees."""
        send, facts = checked_send.send, checked_send.facts
        content, compact = send.inline_text, send.compact_content
        if content is None or compact is None or facts is None:
            return
        place, hint = _place_and_hint(content, compact)
        location = send.locations.of("content")
        cost = (facts.segments or 0) - (facts.compact_segments or 0)
        if cost > 0:
            message = f"{place}, which costs {cost:,} of {pluralize(facts.segments or 0, 'segment')}"
            yield Violation("costs-segments", message, location, hint)
        else:
            yield Violation("unseen", f"{place}, which is sent", location, hint, Level.INFO)


def _place_and_hint(content: str, compact: str) -> tuple[str, str]:
    if content.strip("\r\n") != compact:
        hint = "write {%- … -%}, which removes line breaks, or put the statement on the line of its text"
        return "a template statement on its own line leaves an empty line", hint
    if content.endswith(("\n", "\r")):
        return "content ends with a line break", "use |- or >- instead of | or >, which add a line break"
    return "content starts with a line break", "remove the line break before the text"
