"""The calendar of a plan: when people get each send, and what the lists have in common."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from sendspec.audience import count_memberships, source_of
from sendspec.compare import has_recipients
from sendspec.identity import text_key
from sendspec.model import DatedSend, RequestState, SendCalendar
from sendspec.rules._lib.people_rule import PeopleRule, with_shared_text
from sendspec.rules._lib.same_messages import has_recorded_list

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from datetime import datetime

    from sendspec.audience import IdentitySet
    from sendspec.model import Send, SendRecord
    from sendspec.rules._lib.people_rule import Compared
    from sendspec.rules._lib.rule import CheckedSend, Rule, RuleContext


class CalendarLists:
    """The recipients of each list that matters to a rule together with another list.

    A list matters only if its people may get another text within the time that the rule compares. So a
    single list is never kept, nor is the list of a send that was finished long before.
    """

    def __init__(self, context: RuleContext, rules: Iterable[Rule]) -> None:
        self._context, self._now = context, context.now.astimezone(UTC)
        self._numbers: dict[Hashable, int] = {}
        self._kept: dict[int, IdentitySet] = {}
        self._wanted: set[int] = set()
        # Without a ledger, all finished sends of a project would seem to be sent now.
        sends = () if context.offline else context.selected
        self._dated = {dated.address: dated for send in sends for dated in self._before_scan(send)}
        in_order = _in_order(self._dated.values())
        self._with_copies = {dated.list for dated in with_shared_text(in_order)}
        self._digests: dict[int, bytes] = {}
        for rule in rules:
            if isinstance(rule, PeopleRule):
                for compared in rule.compared(in_order, context):
                    self._wanted |= _lists_to_keep(compared)

    def receiver(self, sends: Iterable[Send]) -> Callable[[IdentitySet], None] | None:
        """Return what receives the recipients of the list of `sends`, None if they do not matter."""
        dated = next((self._dated[send.address] for send in sends if send.address in self._dated), None)
        if dated is None or not (dated.list in self._wanted or dated.list in self._with_copies):
            return None
        number = dated.list
        return lambda identities: self._receive(number, identities)

    def _receive(self, number: int, identities: IdentitySet) -> None:
        if number in self._wanted:
            self._kept[number] = identities
        if number in self._with_copies:
            self._digests[number] = identities.digest()

    def digests(self) -> dict[str, bytes]:
        """Return digests of the recipients of sends whose text another send has too, by address."""
        return {
            address: self._digests[dated.list]
            for address, dated in self._dated.items()
            if dated.list in self._digests
        }

    def calendar(self, checked_sends: Iterable[CheckedSend]) -> SendCalendar:
        """Return the calendar of the sends whose recipients are known, after all scans."""
        sends: list[DatedSend] = []
        sizes: dict[int, int] = {}
        for checked_send in checked_sends:
            for dated in self._after_scan(checked_send):
                sends.append(dated)
                sizes[dated.list] = dated.recipients
        numbers = [number for number in self._kept if number in sizes]
        counts = count_memberships([self._kept[number] for number in numbers])
        people = {tuple(numbers[at] for at in combination): count for combination, count in counts.items()}
        people |= {(number,): size for number, size in sizes.items() if number not in self._kept}
        return SendCalendar(_in_order(sends), people)

    def _before_scan(self, send: Send) -> Iterator[DatedSend]:
        """Yield a send with its expected time, unless it reaches no person with a known number."""
        record, now = self._context.ledger.sends.get(send.address), self._now
        if not send.endpoint.traits.has_contacts:
            return
        if send.address in self._context.finished or (send.not_after is not None and send.not_after <= now):
            if record is not None and (at := _first_request(record)) is not None:
                yield DatedSend(send, at, self._list(send), text_key(record.payload), is_planned=False)
        else:
            at = now if send.not_before is None else max(now, send.not_before.astimezone(UTC))
            yield DatedSend(send, at, self._list(send), text_key(send.payload), is_planned=True)

    def _after_scan(self, checked_send: CheckedSend) -> Iterator[DatedSend]:
        """Yield a send as expected, or as the ledger has it if apply posts no request of it."""
        send, facts, record = checked_send.send, checked_send.facts, checked_send.record
        dated = self._dated.get(send.address)
        if dated is None or facts is None:
            return
        if dated.is_planned and checked_send.pending:
            yield dated._replace(recipients=facts.count)
        elif record is not None and (at := _first_request(record)) is not None:
            is_same = has_recorded_list(checked_send) or (
                bool(checked_send.comparison.unknown) and has_recipients(record, send.address, facts)
            )
            then = 0 if record.recipients is None else record.recipients.count
            yield dated._replace(
                at=at,
                text=text_key(record.payload) if dated.is_planned else dated.text,
                is_planned=False,
                recipients=facts.count,
                recipients_then=None if is_same else then,
            )

    def _list(self, send: Send) -> int:
        return self._numbers.setdefault(source_of(send), len(self._numbers))


def _in_order(sends: Iterable[DatedSend]) -> tuple[DatedSend, ...]:
    """Return the sends by time; those of one time by their places in the specs."""
    return tuple(sorted(sends, key=lambda dated: (dated.at, dated.send.locations.root, dated.address)))


def _first_request(record: SendRecord) -> datetime | None:
    """Return the time of the first request of the newest revision that may have been sent."""
    times = [request.first_at for request in record.requests if request.state is not RequestState.NOT_SENT]
    return min(times, default=None)


def _lists_to_keep(compared: Compared) -> set[int]:
    """Return the lists that have another one near in time, where one of the two sends is still planned."""
    kept: set[int] = set()
    for sends in _clusters(compared):
        lists = {dated.list for dated in sends}
        if len(lists) > 1:
            kept |= lists
    return kept


def _clusters(compared: Compared) -> Iterator[Sequence[DatedSend]]:
    """Yield the sends in groups without a gap of `within`, without those too old for each planned one."""
    start = next((dated.at for dated in compared.sends if dated.is_planned), None)
    cluster: list[DatedSend] = []
    for dated in compared.sends:
        if start is None or (not dated.is_planned and start - dated.at >= compared.within):
            continue
        if cluster and dated.at - cluster[-1].at >= compared.within:
            yield cluster
            cluster = []
        cluster.append(dated)
    yield cluster
