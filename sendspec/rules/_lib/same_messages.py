"""What the rules compare the sends of a plan with: each other, and what was sent before."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sendspec.compare import SendState
from sendspec.identity import LeftRecords, PresentRecord, job_of, texts_of
from sendspec.sms import TAG
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


def with_same_messages(
    context: RuleContext,
    checked_sends: Sequence[CheckedSend],
    people: Mapping[str, bytes] = MappingProxyType({}),
) -> RuleContext:
    """Return the context with what `checked_sends` are compared with, empty if none of them is new.

    `people` has digests of the recipients by address, which their order and values do not change.
    """
    if context.offline or not any(is_new(checked_send, context) for checked_send in checked_sends):
        return context
    left = LeftRecords(context.identities.left, _present_records(context, checked_sends))
    return replace(context, left=left, copies=_copies(context, checked_sends, people))


def is_new(checked_send: CheckedSend, context: RuleContext) -> bool:
    """Return whether apply may start a revision of a send, now or later, with all its requests."""
    not_after = checked_send.send.not_after
    expired = not_after is not None and not_after <= context.now
    return checked_send.comparison.state is SendState.NEW and checked_send.pending and not expired


def _keys_of(checked_send: CheckedSend, people: Mapping[str, bytes]) -> Iterator[Hashable]:
    """Yield keys that two sends have in common if the same people get the same text from both."""
    send, facts = checked_send.send, checked_send.facts
    if send.endpoint.traits.repeatable:
        yield job_of(send.payload)
    elif facts is not None and facts.count:
        # Values and their order are a part of the message only if the text has tags, or is not known.
        has_tags = send.inline_text is None or TAG.search(send.inline_text) is not None
        same_people = None if has_tags else people.get(send.address)
        yield from ((text, same_people or facts.digest) for text in texts_of(send.payload))


def has_recorded_list(checked_send: CheckedSend) -> bool:
    """Return whether the comparison shows that the list is that of the newest revision in the ledger."""
    send, record, comparison = checked_send.send, checked_send.record, checked_send.comparison
    return (
        record is not None
        and send.revision == record.revision
        and comparison.state in (SendState.DONE, SendState.PARTIAL, SendState.EDITED)
        and all(change.field != "recipients" for change in comparison.changes)
    )


def _present_records(context: RuleContext, checked_sends: Iterable[CheckedSend]) -> Iterator[PresentRecord]:
    checked = {checked_send.send.address: checked_send for checked_send in checked_sends}
    for send in context.sends:
        record = context.ledger.sends.get(send.address)
        if record is None:
            continue
        found = checked.get(send.address)
        facts = None if found is None else found.facts
        yield PresentRecord(send.address, record, send, facts, found is not None and has_recorded_list(found))


def _copies(
    context: RuleContext, checked_sends: Iterable[CheckedSend], people: Mapping[str, bytes]
) -> dict[str, CheckedSend]:
    """Return the first other send with the message of a send: one that was sent, or a new one."""
    first: dict[Hashable, CheckedSend] = {}
    copies: dict[str, CheckedSend] = {}
    sent = [item for item in checked_sends if _was_sent_so(item)]
    new = [item for item in checked_sends if is_new(item, context)]
    for checked_send in (*sent, *new):
        for key in _keys_of(checked_send, people):
            other = first.setdefault(key, checked_send)
            if other is not checked_send:
                copies.setdefault(checked_send.send.address, other)
    return copies


def _was_sent_so(checked_send: CheckedSend) -> bool:
    record, comparison = checked_send.record, checked_send.comparison
    return (
        record is not None
        and record.may_have_been_sent
        and comparison.state in (SendState.DONE, SendState.PARTIAL, SendState.UNKNOWN)
        and not comparison.changes
    )
