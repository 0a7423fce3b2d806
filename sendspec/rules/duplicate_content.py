"""Another send has the same text for the same people.

What: a new send has the text and the recipients of another send under another address: one that was sent as
it is in the specs, or one that is new, too. The same text means the same `content`, `contentId` or
`publishedMessageId`; the names of tags, case, spaces and punctuation at the ends of `content` do not
count. The same recipients means the same people in any order, and for a text with tags also the same values
in the same order. Two jobs are the same if only their `messageName` differs.

If the two texts are less than `within` of `overlap` apart, that rule reports the error, and this one nothing.
`renamed-send` reports the text of a send that left the specs. `validate` does not know which sends are new,
so it reports none.

Why: a campaign that was copied often has its old text. If it is the same message on purpose, such as a
reminder of next month, raise `revision` of the first one, or add an `allow` entry with a reason.

Source: sendspec's promise: it never sends a request twice.

Bad:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: first-day
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: our sale has started. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
      - id: last-day
        endpoint: contacts
        notBefore: "2026-06-14T10:00:00Z"
        channelQualifier: "148372"
        content: "Acme: our sale has started. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: first-day
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: our sale has started. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
      - id: last-day
        endpoint: contacts
        notBefore: "2026-06-14T10:00:00Z"
        channelQualifier: "148372"
        content: "Acme: our sale ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sendspec.identity import day_of
from sendspec.model import Level
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation
from sendspec.rules._lib.settings import is_off
from sendspec.rules.overlap import Overlap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class DuplicateContent(Rule):
    """New sends whose text and people another send has."""

    id = "duplicate-content"
    group = RuleGroup.PEOPLE
    level = Level.WARNING
    reasons: ClassVar = {
        "sent-copy": "a send that is still in the specs was sent with the same text and recipients",
        "new-copy": "another new send has the same text and recipients",
    }

    def check_project(self, context: RuleContext) -> Iterator[Violation]:
        """Report each new send with a copy, unless `overlap` reports it."""
        overlap, reported = Overlap(), set[str]()
        if context.copies and not is_off(overlap, context.project.rules):
            reported = {shared.dated.address for shared in overlap.same_texts(context)}
        for send in context.selected:
            other = context.copies.get(send.address)
            record = context.ledger.sends.get(send.address)
            is_raised = record is not None and record.may_have_been_sent
            if other is not None and not is_raised and send.address not in reported:
                yield _violation(send, other)


def _violation(send: Send, other: CheckedSend) -> Violation:
    if other.record is not None and other.record.may_have_been_sent:
        reason, what = "sent-copy", f"which was sent on {day_of(other.record)}"
    else:
        reason, what = "new-copy", "which is new, too"
    message = f"same text and recipients as {other.send.address}, {what}; these people get it twice"
    hint = "remove one of the two, or add an `allow` entry with a reason"
    return Violation(reason, message, send.locations.of("id"), hint, send=send)
