"""What the rules compare the sends of a plan with: each other, and what was sent before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from sendspec.compare import SendState
from sendspec.identity import LeftRecords, PresentRecord, job_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from sendspec.rules._lib.rule import CheckedSend, RuleContext


def with_same_messages(context: RuleContext, checked_sends: Sequence[CheckedSend]) -> RuleContext:
    """Return the context with what `checked_sends` are compared with, empty if none of them is new."""
    if context.offline or not any(is_new(checked_send, context) for checked_send in checked_sends):
        return context
    left = LeftRecords(context.identities.left, _present_records(context, checked_sends))
    return replace(context, left=left, same_messages=_same_messages(context, checked_sends))


def is_new(checked_send: CheckedSend, context: RuleContext) -> bool:
    """Return whether apply may start a revision of a send, now or later, with all its requests."""
    not_after = checked_send.send.not_after
    expired = not_after is not None and not_after <= context.now
    return checked_send.comparison.state is SendState.NEW and checked_send.pending and not expired


def keys_of(checked_send: CheckedSend) -> Iterator[Hashable]:
    """Yield keys that two sends have in common if the same people get the same text from both."""
    send, facts = checked_send.send, checked_send.facts
    if send.endpoint.traits.repeatable:
        yield job_of(send.payload)
    elif facts is not None and facts.count:
        yield from ((text, facts.digest) for text in texts_of(send.payload))


def _present_records(context: RuleContext, checked_sends: Iterable[CheckedSend]) -> Iterator[PresentRecord]:
    checked = {checked_send.send.address: checked_send for checked_send in checked_sends}
    for send in context.sends:
        record = context.ledger.sends.get(send.address)
        if record is None:
            continue
        found = checked.get(send.address)
        facts = None if found is None else found.facts
        yield PresentRecord(send.address, record, send, facts, found is not None and _has_same_list(found))


def _has_same_list(checked_send: CheckedSend) -> bool:
    """Return whether the comparison shows that the list is that of the newest revision in the ledger."""
    send, record, comparison = checked_send.send, checked_send.record, checked_send.comparison
    return (
        record is not None
        and send.revision == record.revision
        and comparison.state in (SendState.DONE, SendState.PARTIAL, SendState.EDITED)
        and all(change.field != "recipients" for change in comparison.changes)
    )


def _same_messages(
    context: RuleContext, checked_sends: Iterable[CheckedSend]
) -> dict[Hashable, list[CheckedSend]]:
    """Return the sends of each key: those that were sent as they are, and then those that are new."""
    found: dict[Hashable, list[CheckedSend]] = defaultdict(list)
    sent = [item for item in checked_sends if _was_sent_so(item)]
    new = [item for item in checked_sends if is_new(item, context)]
    for checked_send in (*sent, *new):
        for key in keys_of(checked_send):
            found[key].append(checked_send)
    return {key: members for key, members in found.items() if len(members) > 1}


def _was_sent_so(checked_send: CheckedSend) -> bool:
    record, comparison = checked_send.record, checked_send.comparison
    return (
        record is not None
        and record.may_have_been_sent
        and comparison.state in (SendState.DONE, SendState.PARTIAL, SendState.UNKNOWN)
        and not comparison.changes
    )
