"""People of a plan: whom its pending requests reach now and later, counted list by list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.audience import ListPeople, PeopleUnion
from sendspec.compare import accepted
from sendspec.due import hours_of, is_too_early, is_too_late
from sendspec.model import People

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from sendspec.legal_hours import ZoneHours
    from sendspec.model import Send
    from sendspec.rules._lib.rule import CheckedSend, RuleContext


class PlannedPeople:
    """The people of the pending requests so far; memory holds two unions, and the list of one scan."""

    def __init__(self, context: RuleContext) -> None:
        self._context = context
        self._now, self._later = PeopleUnion(), PeopleUnion()

    def of_list(self, sends: Iterable[Send]) -> ListPeople:
        """Return what receives the identities of the list of `sends` during its scan."""
        return ListPeople(self._sent(send) for send in sends)

    def add(
        self,
        people: ListPeople,
        checked_sends: Iterable[CheckedSend],
        limits_of: Callable[[CheckedSend], frozenset[ZoneHours]],
    ) -> None:
        """Add the people of the sends of a list; `limits_of` returns the hours that apply waits for."""
        now = self._context.now
        unions: set[tuple[bool, frozenset[int]]] = set()
        for checked_send in checked_sends:
            send = checked_send.send
            if checked_send.facts is None or not checked_send.pending or is_too_late(send, now):
                continue
            waits = is_too_early(send, now)
            if not waits:
                hours = hours_of(send, limits_of(checked_send), now)
                if hours is not None and hours.is_never_legal:
                    continue  # Apply does not post it within the horizon.
                waits = hours is not None and hours.interval is None
            unions.add((waits, frozenset(self._sent(send))))
        for waits, sent in unions:
            (self._later if waits else self._now).add(people.without(sent))

    def count(self) -> People:
        """Return the counts, after all scans."""
        return People(len(self._now), len(self._later), self._now.count_with(self._later))

    def _sent(self, send: Send) -> AbstractSet[int]:
        """Return the requests of this revision of a send that were sent."""
        record = self._context.ledger.sends.get(send.address)
        if record is None or record.revision != send.revision:
            return frozenset()
        return frozenset(request.batch for request in accepted(record))
