"""A renamed send would go out again.

What: a new send has the same recipients or the same text as a send that was sent, and that the specs do not
have any more: its address left them, or has another list or another text now, as when sends are renumbered.
It is only a warning if the recipients are the same, but campaign and text are clearly others. The same
recipients means exactly the same list: the same contacts and values, in the same order. The same text means
the same `content`, `contentId`, `publishedMessageId` or `messageName`. The names of tags, case, and
punctuation at the ends of `content` do not count, nor does the case of an id. A send that was sent and is
still in the specs is not a former one; `duplicate-content` and `overlap` report a copy of it. An address in
`formerly` that the ledger does not have is only an info.

Why: the address of a send is its identity: `campaign/id[values]`. After a rename of the campaign, of the
id or of a value of the matrix, the send would be new, and apply would send it to all recipients again.
List the former address in `formerly`: then the record of what was sent moves with the send. An address
that another send has now cannot move, so leave sent sends at their addresses, and give a send that you
insert before them its own id. If it is a second message on purpose, add an `allow` entry with a reason.

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
from sendspec.load.address_values import address_key
from sendspec.model import Level
from sendspec.render.former_addresses import with_values
from sendspec.rules._lib.other_texts import are_other_texts
from sendspec.rules._lib.rule import Rule, RuleGroup, Violation
from sendspec.rules._lib.same_messages import is_new

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.identity import FormerSend
    from sendspec.model import AudienceFacts, Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext

COMPARISONS_MAX: Final = 8
"""Lists of equal length that are compared for one send; each takes about 35 ms."""

_OTHER_MESSAGES_MAX: Final = 64
"""Texts that are compared for one send; each takes up to 5 ms. Those after them count as similar ones."""

_MOVED_HINT: Final = (
    "keep sent sends at their addresses and give the new one its own id; `allow` sends a second message"
)


class RenamedSend(Rule):
    """New sends that an address which left the specs, or was edited, may have sent already."""

    id = "renamed-send"
    group = RuleGroup.LEDGER
    level = Level.ERROR
    reasons: ClassVar = {
        "same-recipients": "a send that left the specs, or has another list now, had the same recipients",
        "same-text": "a send that left the specs, or has another text now, had the same text",
        "same-list": "a send of another campaign and text left the specs, and had the same recipients",
        "same-message": "a send whose list was not read now had the same text and recipients",
        "undecided": "too many sends that left the specs, or were edited, had as many recipients",
        "unknown-address": "the ledger does not have an address in `formerly`",
    }

    def check_send(self, checked_send: CheckedSend, context: RuleContext) -> Iterator[Violation]:
        """Compare a new send with what the specs do not have any more, the most similar sends first."""
        send, record = checked_send.send, checked_send.record
        if context.offline or not is_new(checked_send, context):
            return
        if record is not None and record.may_have_been_sent:
            yield from _first_match(checked_send, context, is_raised=True)
            return
        for address in context.identities.unknown.get(send.address, ()):
            message = f"`formerly` names {address}, but the ledger of {context.target.name} does not have it"
            hint = "check the name, or remove it if nothing was sent under it"
            yield Violation("unknown-address", message, send.locations.of("formerly"), hint, Level.INFO)
        yield from _first_match(checked_send, context, is_raised=False)


def _first_match(checked_send: CheckedSend, context: RuleContext, *, is_raised: bool) -> Iterator[Violation]:
    """Yield a violation for the first match; a raised revision matches only with both text and list.

    Another message to the same list is a warning, and only if no match is an error.
    """
    send, facts, compared = checked_send.send, checked_send.facts, 0
    others: list[FormerSend] = []
    for former in context.left.former_sends(send, None if facts is None else facts.count):
        if former.has_same_text and not is_raised:
            yield _violation("same-text", "text", send, former, facts)
            return
        if facts is None or not former.may_have_lost(facts) or (is_raised and not former.has_same_text):
            continue
        if len(others) < _OTHER_MESSAGES_MAX and _is_other_message(send, former):
            others.append(former)
            continue
        is_unread = former.present is not None and former.present.facts is None
        if compared == COMPARISONS_MAX:
            if not is_unread and not is_raised:
                yield _undecided(send, former)
            return
        compared += 1
        if _had_recipients(former, facts):
            reason = "same-message" if is_unread and not former.has_same_text else "same-recipients"
            subject = "recipients" if reason == "same-recipients" else "text and recipients"
            yield _violation(reason, subject, send, former)
            return
    for former in others[: COMPARISONS_MAX - compared]:
        if facts is not None and _had_recipients(former, facts):
            yield _same_list(send, former)
            return


def _had_recipients(former: FormerSend, facts: AudienceFacts) -> bool:
    return any(has_recipients(record, former.address, facts) for record in former.record.revisions)


def _is_other_message(send: Send, former: FormerSend) -> bool:
    """Return whether a send that left the specs was of another campaign, always with another text."""
    if former.present is not None or former.has_same_text:
        return False
    if _campaign(send.address) == _campaign(former.address):
        return False
    return all(are_other_texts(send.payload, record.payload) for record in former.record.revisions)


def _campaign(address: str) -> str:
    return address_key(address)[0].partition("/")[0]


def _same_list(send: Send, former: FormerSend) -> Violation:
    message = (
        f"same recipients as {former.address}, which {_sent_on(former)} and left the specs; another text"
    )
    hint = "keep sent sends in the specs, or add an `allow` entry with a reason"
    return Violation("same-list", message, send.locations.of("id"), hint, Level.WARNING)


def _sent_on(former: FormerSend) -> str:
    return f"{'was sent' if former.was_accepted else 'may have been sent'} on {former.day}"


def _undecided(send: Send, former: FormerSend) -> Violation:
    message = (
        f"more than {COMPARISONS_MAX} sends that left the specs or were edited had as many recipients; "
        "it may be any"
    )
    return Violation("undecided", message, send.locations.of("id"), _hint(send, former))


def _violation(
    reason: str, subject: str, send: Send, former: FormerSend, facts: AudienceFacts | None = None
) -> Violation:
    now = {"same-text": "was edited since", "same-recipients": "has another list now"}
    if former.present is None:
        then = "and left the specs"
    else:
        then = f"and {now.get(reason, 'has a list that was not read')}"
    message = f"same {subject} as {former.address}, which {_sent_on(former)} {then}"
    return Violation(reason, message, send.locations.of("id"), _hint(send, former, facts))


def _hint(send: Send, former: FormerSend, facts: AudienceFacts | None = None) -> str:
    """Return what to write: with the same values of the matrix, the name without them is enough.

    `formerly` takes an edited send for the sent one, so the edit must be undone. If `facts` show that
    the list has another length, the send is more likely for other people, who would get nothing then.
    """
    if former.present is not None:
        return _MOVED_HINT
    name = former.address.partition("[")[0]
    former_address = name if with_values(name, send.address) == former.address else f'"{former.address}"'
    formerly = f"add `formerly: [{former_address}]`"
    if send.payload_digest != former.record.payload_digest:
        formerly = f"undo the edit and {formerly}"
    recipients = former.record.recipients
    if facts is not None and recipients is not None and facts.count != recipients.count:
        return f"if it is for other people, add an `allow` entry with a reason; if it was renamed, {formerly}"
    return f"if it was renamed, {formerly}; if it is a second message, add an `allow` entry with a reason"
