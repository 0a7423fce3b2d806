"""A renamed send would go out again.

What: a new send has the same recipients or the same text as a send that was sent, and that is no longer
in the specs. The same recipients means exactly the same list: the same contacts and values, in the same
order. The same text means the same `content`, `contentId`, `publishedMessageId` or `messageName`.
An address in `formerly` that the ledger does not have is only an info.

Why: the address of a send is its identity: `campaign/id[values]`. After a rename of the campaign, of the
id or of a value of the matrix, the send would be new, and apply would send it to all recipients again.
List the former address in `formerly`: then the record of what was sent moves with the send. If it is a
second message on purpose, add an `allow` entry with a reason.

Source: sendspec's promise: it never sends a request twice.

Bad (after spring-sale/last-call was sent, and renamed):

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: final-call
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}

Good:

    campaign: spring-sale
    purpose: marketing
    sends:
      - id: final-call
        formerly: [spring-sale/last-call]
        endpoint: contacts
        channelQualifier: "148372"
        content: "Acme: 20% off ends tonight. Reply STOP to opt out."
        contacts:
          - {contactId: "447700900123"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from sendspec.compare import has_recipients
from sendspec.identity import former_sends
from sendspec.model import Level
from sendspec.render.former_addresses import with_values
from sendspec.rules._lib.rule import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.identity import FormerSend
    from sendspec.model import Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

COMPARISONS_MAX: Final = 8
"""Lists of equal length that are compared for one send; each takes about 35 ms."""


class RenamedSend(Rule):
    """New sends that an address which left the specs may have sent already."""

    id = "renamed-send"
    level = Level.ERROR
    reasons: ClassVar = {
        "same-recipients": "a send that left the specs had the same recipients",
        "same-text": "a send that left the specs had the same text",
        "undecided": "too many sends that left the specs had as many recipients",
        "unknown-address": "the ledger does not have an address in `formerly`",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare a new send with the sends that left the specs, the most similar ones first."""
        send, record = checked_send.send, checked_send.record
        if context.offline or not checked_send.pending or (record and record.may_have_been_sent):
            return
        for address in context.identities.unknown.get(send.address, ()):
            message = f"`formerly` names {address}, but the ledger of {context.target.name} does not have it"
            hint = "check the name, or remove it if nothing was sent under it"
            yield Violation("unknown-address", message, send.locations.of("formerly"), hint, Level.INFO)
        yield from _first_match(checked_send, context)


def _first_match(checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
    send, facts, compared = checked_send.send, checked_send.facts, 0
    for former in former_sends(context.identities.left, send, None if facts is None else facts.count):
        if former.has_same_text:
            yield _violation("same-text", "text", send, former)
            return
        if facts is None:
            continue
        if compared == COMPARISONS_MAX:
            message = f"more than {compared} sends that left the specs had as many recipients; it may be any"
            yield Violation("undecided", message, send.locations.of("id"), _hint(send, former))
            return
        compared += 1
        if any(has_recipients(record, former.address, facts) for record in former.record.revisions):
            yield _violation("same-recipients", "recipients", send, former)
            return


def _violation(reason: str, subject: str, send: Send, former: FormerSend) -> Violation:
    sent = "was sent" if former.was_accepted else "may have been sent"
    message = f"same {subject} as {former.address}, which {sent} on {former.day} and left the specs"
    return Violation(reason, message, send.locations.of("id"), _hint(send, former))


def _hint(send: Send, former: FormerSend) -> str:
    """Return what to write: with the same values of the matrix, the name without them is enough."""
    name = former.address.partition("[")[0]
    former_address = name if with_values(name, send.address) == former.address else f'"{former.address}"'
    return (
        f"if it was renamed, add `formerly: [{former_address}]`; if it is a second message, add an `allow` "
        "entry with a reason"
    )
