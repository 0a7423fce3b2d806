"""The last send before each new one: of the same address, or to the same list."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sendspec.compare import accepted, sent_before
from sendspec.model import ContactFile, ContactQuery, Purpose
from sendspec.rules._lib.same_messages import is_new

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator
    from datetime import datetime

    from sendspec.model import Send, SendRecord
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class LastSend(NamedTuple):
    """A revision in the ledger with the number of its recipients; `revision` None if it is another send."""

    address: str
    revision: int | None
    recipients: int
    at: datetime


def last_sends(context: RuleContext, checked_sends: Iterable[CheckedSend]) -> dict[str, LastSend]:
    """Return the last send before each new one, by address, if the ledger has one.

    The list of another send counts for marketing only: a transactional list is one of its day.
    """
    new = [item for item in checked_sends if not context.offline and is_new(item, context)]
    of_lists = dict(sorted(_sent_lists(context), key=lambda item: item[1].at)) if new else {}
    found: dict[str, LastSend] = {}
    for checked_send in new:
        send, record = checked_send.send, checked_send.record
        before = sent_before(send, record)
        last = _last_send(send.address, before[0]) if before else None
        if last is not None:
            found[send.address] = last._replace(revision=before[0].revision)
        elif not before and send.purpose is Purpose.MARKETING and (key := _list_of(send)) in of_lists:
            found[send.address] = of_lists[key]
    return found


def _sent_lists(context: RuleContext) -> Iterator[tuple[Hashable, LastSend]]:
    for send in context.sends:
        record = context.ledger.sends.get(send.address)
        key = _list_of(send)
        if record is None or key is None:
            continue
        sent = next((revision for revision in record.revisions if accepted(revision)), None)
        last = None if sent is None else _last_send(send.address, sent)
        if last is not None:
            yield key, last


def _last_send(address: str, record: SendRecord) -> LastSend | None:
    if record.recipients is None:
        return None
    return LastSend(address, None, record.recipients.count, max(request.at for request in accepted(record)))


def _list_of(send: Send) -> Hashable:
    """Return a key that two sends share if they have the same list and exclude lists, None without one."""
    excluded = frozenset(file.path for file in send.exclude)
    match send.contacts:
        case ContactFile(path=path):
            return path, excluded
        case ContactQuery(connection=connection, sql=sql):
            return connection, sql, excluded
        case _:
            return None
