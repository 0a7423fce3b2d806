"""A send has contacts, but no recipients.

What: sendspec refuses every contact of the send, because it has no usable number or lookup, or exclude
lists remove every contact. Apply would send nothing.

Why: a list of which nothing remains is a wrong list, a wrong column, or a wrong exclude list. Without
this error, the send would look ready, also if the rules about the numbers are off.

Source: this project's caution.

Bad:

    campaign: gate-change
    purpose: transactional
    sends:
      - id: notice
        endpoint: external-consent
        channelQualifier: "148372"
        content: "Your flight now leaves from gate B12."
        contacts:
          - {phoneNumber: "not known"}

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
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import AudienceFacts
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class NoRecipients(Rule):
    """Sends whose contacts are all refused or excluded."""

    id = "no-recipients"
    group = RuleGroup.PEOPLE
    level = Level.ERROR
    reasons: ClassVar = {
        "all-excluded": "exclude lists remove every contact of the send",
        "all-refused": "sendspec refuses every contact that no list excludes",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Check that a contact remains."""
        facts = checked_send.facts
        if facts is None or facts.count or not facts.rows:
            return
        location = checked_send.send.locations.key("contacts")
        names = " and ".join(excluded.file.shown for excluded in facts.excluded if excluded.removed)
        if not facts.refused:
            yield Violation(
                "all-excluded",
                f"the send has no recipients, because every contact is on {names}",
                location,
                "remove the send, or check the contacts and the exclude lists",
            )
        else:
            yield Violation(
                "all-refused",
                f"the send has no recipients, because {_refused_text(facts, names)}",
                location,
                "check the column of the number, and the export of the list",
            )


def _refused_text(facts: AudienceFacts, names: str) -> str:
    if not facts.excluded_count:
        return f"sendspec refuses every contact ({facts.refused:,})"
    verb = "is" if facts.excluded_count == 1 else "are"
    excluded = f"{pluralize(facts.excluded_count, 'contact')} {verb} on {names}"
    return f"{excluded}, and sendspec refuses the other {facts.refused:,}"
