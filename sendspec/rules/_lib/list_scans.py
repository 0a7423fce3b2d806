"""Scans of the lists of a plan: one for each list, with what each send's facts decide."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from sendspec.audience import ExcludeLists, scan_together, source_of, watch_lists
from sendspec.compare import compare
from sendspec.due import is_too_early
from sendspec.errors import SpecError
from sendspec.model import Level, People
from sendspec.rules._lib.planned_people import PlannedPeople
from sendspec.rules._lib.rule import CheckedSend, Rule, with_own
from sendspec.rules._lib.settings import active_exception, effective_level

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Container,
        Hashable,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from sendspec.audience import ContactStore, IdentitySet, ListPeople, ScanObserver
    from sendspec.legal_hours import ZoneHours
    from sendspec.model import AudienceFacts, Problem, Send
    from sendspec.rules._lib.calendar_lists import CalendarLists
    from sendspec.rules._lib.rule import RuleContext

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class ListObserver(Protocol):
    """Receives each list of a run that was read whole, and may have other texts counted for it."""

    def other_texts(self, sends: Sequence[Send]) -> Sequence[Send]:
        """Return sends of a base with the list that `sends` share, but with other texts."""
        ...

    def on_texts(self, sends: Sequence[Send], facts: Sequence[AudienceFacts | None]) -> None:
        """Receive the facts of those sends."""
        ...

    def on_list(self, sends: Sequence[Send], people: IdentitySet, lists: ExcludeLists) -> None:
        """Receive the recipients of the list that `sends` share, and the exclude lists read so far."""
        ...


class ListScans:
    """The scans of the selected sends, and their results by address.

    `open_addresses` are the sends whose lists apply may still send to; the problems of other lists are
    only in `list_problems`. `facts` is None without a readable list. `waits_for_hours` says whether apply
    waits for the legal hours of recipients.
    """

    def __init__(  # noqa: PLR0913 - the whole basis of the scans
        self,
        context: RuleContext,
        rules: Sequence[Rule],
        open_addresses: Container[str],
        calendar_lists: CalendarLists,
        *,
        store: ContactStore | None = None,
        list_observer: ListObserver | None = None,
    ) -> None:
        self._context, self._hours_rules = context, with_own(Rule.legal_hours, rules)
        self._open_addresses, self._store = open_addresses, store
        self._lists, self._calendar_lists, self._list_observer = ExcludeLists(), calendar_lists, list_observer
        self._checked: dict[str, CheckedSend] = {}
        self._limits: dict[str, frozenset[ZoneHours]] = {}
        self.facts: dict[str, AudienceFacts | None] = {}
        self.problems: list[Problem] = []
        self.list_problems: dict[str, Problem] = {}
        # A sandbox reaches no person, so a first try works at night, too.
        self.waits_for_hours = context.target.is_real and not context.offline

    def run(self, observer: ScanObserver | None = None) -> People:
        """Scan every list once; return the people of pending requests, whose identities are freed.

        Without a ledger, they are not counted.
        """
        people = PlannedPeople(self._context)
        groups = _by_list(self._context.selected, self._open_addresses)
        # Nothing is read of a send without all its lists: it must not look like one without recipients,
        # or like one without an exclude list.
        absent = [sends for sends in groups if sends[0].absent_lists]
        self.facts |= dict.fromkeys(send.address for sends in absent for send in sends)
        for sends in watch_lists([sends for sends in groups if not sends[0].absent_lists], observer):
            is_open = sends[0].address in self._open_addresses
            try:
                self._scan(sends, people, is_open=is_open)
            except SpecError as error:
                self.facts |= dict.fromkeys(send.address for send in sends)
                if not sends[0].has_outside_lists:  # Such a list need not stay after it was sent.
                    self.list_problems |= dict.fromkeys((send.address for send in sends), error.problems[0])
                self.problems.extend(error.problems if is_open else ())
        return people.count()

    def take(self, facts: Mapping[str, AudienceFacts | None]) -> People:
        """Take the facts of lists that were read before; the people are not counted."""
        selected = self._context.selected
        self.facts = {send.address: facts.get(send.address) for send in selected}
        open_sends = [send for send in selected if send.address in self._open_addresses]
        self._checked = {send.address: self.check(send) for send in open_sends}
        return People()

    def limits(self) -> Mapping[str, frozenset[ZoneHours]]:
        """Return the legal hours in each zone of the sends with pending requests, after all scans.

        Without a ledger, apply posts nothing and no person reviews a plan, so there are none.
        """
        if self._context.offline:
            return {}
        return {address: self._limits_of(checked_send) for address, checked_send in self._checked.items()}

    def check(self, send: Send, same_lists: Mapping[str, bool] = _NOTHING) -> CheckedSend:
        """Return a send with its comparison; `same_lists` are the finished sends with a known answer."""
        if send.address in self._checked:
            return self._checked[send.address]
        facts, record = self.facts[send.address], self._context.ledger.sends.get(send.address)
        comparison = compare(send, facts, record, same_list=same_lists.get(send.address))
        return CheckedSend(send, facts, record, comparison, self.list_problems.get(send.address))

    def _scan(self, sends: Sequence[Send], people: PlannedPeople, *, is_open: bool) -> None:
        """Scan one list; `is_open` is False for sends that need no list any more."""
        # Without a ledger no person reviews a plan, so its people are not counted.
        of_list = people.of_list(sends) if is_open and not self._context.offline else None
        due = [send for send in sends if is_open and not is_too_early(send, self._context.now)]
        sink = self._store.open_list(due) if self._store is not None and due else None
        observer = self._list_observer
        # Of finished sends only the recipients matter: who got it, and whether that has changed.
        is_finished = all(send.address in self._context.finished for send in sends)
        others = () if observer is None else observer.other_texts(sends)
        scanned = scan_together(
            sends,
            self._lists,
            sink,
            other_texts=others,
            compare_duplicates=is_open,
            on_identities=self._receiver(sends, of_list),
            on_batch=None if of_list is None else of_list.on_batch,
            real_values=self._context.real_values,
            only_recipients=is_finished and observer is None,
        )
        self.facts |= zip((send.address for send in sends), scanned[: len(sends)], strict=True)
        if observer is not None:
            observer.on_texts(others, scanned[len(sends) :])
        if is_open:
            self._checked |= {send.address: self.check(send) for send in sends}
        if of_list is not None:
            # The hours that only a reader needs are found later, because their tables take memory.
            limits_of = self._limits_of if self.waits_for_hours else _no_limits
            people.add(of_list, [self._checked[send.address] for send in sends], limits_of)

    def _receiver(
        self, sends: Sequence[Send], of_list: ListPeople | None
    ) -> Callable[[IdentitySet], None] | None:
        """Return what receives the recipients of the list of `sends`, None if they do not matter."""
        of_calendar, observer = self._calendar_lists.receiver(sends), self._list_observer
        if of_list is None and of_calendar is None and observer is None:
            return None

        def receive(people: IdentitySet) -> None:
            if of_list is not None:
                of_list.on_list(people)
            if of_calendar is not None:
                of_calendar(people)
            if observer is not None:
                observer.on_list(sends, people, self._lists)

        return receive

    def _limits_of(self, checked_send: CheckedSend) -> frozenset[ZoneHours]:
        """Return the legal hours of a pending send whose level, with all settings, is error."""
        address = checked_send.send.address
        if address not in self._limits:
            self._limits[address] = frozenset(self._find_limits(checked_send))
        return self._limits[address]

    def _find_limits(self, checked_send: CheckedSend) -> Iterator[ZoneHours]:
        context = self._context
        for rule in self._hours_rules if checked_send.pending else ():
            if active_exception(checked_send.send, rule, context.now)[0] is None:
                for limit, level in rule.legal_hours(checked_send, context):
                    if effective_level(rule, level or rule.level, context.project.rules) is Level.ERROR:
                        yield limit


def _no_limits(_: CheckedSend) -> frozenset[ZoneHours]:
    return frozenset()


def _by_list(sends: Iterable[Send], open_addresses: Container[str]) -> Collection[Sequence[Send]]:
    """Return the sends in groups that read the same list in the same way, so that it is scanned once."""
    groups: dict[Hashable, list[Send]] = {}
    for send in sends:
        groups.setdefault((send.address in open_addresses, source_of(send)), []).append(send)
    return groups.values()
