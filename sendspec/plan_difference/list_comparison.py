"""Comparison of the people of each list with those of the base, two lists at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from sendspec.audience import ExcludeLists, people_difference, scan_together, source_of, zone_tags
from sendspec.errors import SpecError
from sendspec.model import (
    AudienceDifference,
    ContactFile,
    ContactQuery,
    InlineContacts,
    NotCompared,
    UnusableContacts,
)
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from sendspec.audience import IdentitySet, PeopleDifference
    from sendspec.model import AudienceFacts, Send


class _Compared(NamedTuple):
    """The people of one list of the base and of one list of the specs."""

    people: PeopleDifference
    digest: str


class ListComparison:
    """Receives each list that the plan reads, and reads the list of the base if it differs.

    `base_of` returns the send of the base for one of the specs, None if it is not to be compared. `bases`
    are all sends of the base.
    """

    def __init__(self, base_of: Callable[[Send], Send | None], bases: Iterable[Send]) -> None:
        self._base_of = base_of
        self._by_list: dict[tuple[Any, ...], list[Send]] = {}
        for base in bases:
            self._by_list.setdefault(list_key(base), []).append(base)
        self._compared: dict[str, _Compared] = {}
        self._lists = ExcludeLists()
        self.facts: dict[str, AudienceFacts | None] = {}
        """The facts of the lists of the base that were read, by the address in the base."""
        self.unreadable: set[str] = set()
        """The addresses in the base whose list cannot be read."""
        self.absent: set[str] = set()
        """The addresses in the base with a list that this machine has with another content, or not at all."""

    def other_texts(self, sends: Sequence[Send]) -> Sequence[Send]:
        """Return the sends of the base that have the list of `sends`, but another text."""
        texts = [send.payload for send in sends]
        found: dict[str, Send] = {}
        for send in sends:
            # The rules of the base need the text of each of its sends, also of one that was removed.
            of_list = self._by_list.get(list_key(send), ())
            new = [base for base in of_list if base.payload not in texts and _is_same_scan(base, send)]
            found |= {base.address: base for base in new}
        return tuple(found.values())

    def on_texts(self, sends: Sequence[Send], facts: Sequence[AudienceFacts | None]) -> None:
        """Receive the facts of those sends."""
        self.facts |= zip((send.address for send in sends), facts, strict=True)

    def on_list(self, sends: Sequence[Send], people: IdentitySet, lists: ExcludeLists) -> None:
        """Compare the people of the list that `sends` share with those of the base."""
        self._lists = lists
        groups: dict[Hashable, list[tuple[Send, Send]]] = {}
        for send in sends:
            base = self._base_of(send)
            if base is not None and why_not_compared(base, send) is None and not has_same_list(base, send):
                groups.setdefault(source_of(base), []).append((base, send))
        for pairs in groups.values():
            self._compare(pairs, people, lists)

    def read(self, sends: Iterable[Send]) -> None:
        """Read the lists of sends of the base that the specs do not have any more, but run no query."""
        groups: dict[Hashable, list[Send]] = {}
        for send in sends:
            if send.address not in self.facts and not isinstance(send.contacts, ContactQuery):
                groups.setdefault(source_of(send), []).append(send)
        for group in groups.values():
            self._scan(group, self._lists)

    def difference(self, base: Send, now: Send, facts: AudienceFacts | None) -> AudienceDifference | None:
        """Return the difference for a send of the specs with these facts, None if its list is the same."""
        compared, read = self._compared.get(now.address), self.facts.get(base.address)
        if compared is None or read is None or facts is None:
            return None
        people, audience = compared.people, now.audience
        difference = AudienceDifference(
            before=read.count,
            now=facts.count,
            added=people.added.groups(audience),
            removed=people.removed.groups(audience),
            newly_excluded=people.excluded.groups(audience),
            no_longer_excluded=people.readmitted.groups(audience),
        )
        if compared.digest == facts.digest:
            return None
        return replace(difference, has_other_values=difference.has_same_people)

    def _compare(self, pairs: Sequence[tuple[Send, Send]], people: IdentitySet, lists: ExcludeLists) -> None:
        bases = list({base.address: base for base, _ in pairs}.values())
        of_base: list[IdentitySet] = []
        self._scan(bases, lists, of_base.append)
        for before in of_base:
            old, new = ((lists.exclusion_of(send) if send.exclude else None) for send in pairs[0])
            difference = people_difference(before, people, old, new)
            for base, send in pairs:
                facts = self.facts[base.address]
                self._compared[send.address] = _Compared(difference, "" if facts is None else facts.digest)

    def _scan(
        self,
        sends: Sequence[Send],
        lists: ExcludeLists,
        on_identities: Callable[[IdentitySet], None] | None = None,
    ) -> None:
        addresses = [send.address for send in sends]
        try:
            found = scan_together(sends, lists, compare_duplicates=False, on_identities=on_identities)
        except SpecError as error:
            (self.absent if _is_absent(sends[0], error) else self.unreadable).update(addresses)
            found = (None,) * len(sends)
        self.facts |= zip(addresses, found, strict=True)


def _is_absent(send: Send, error: SpecError) -> bool:
    """Return whether a list cannot be read because this machine does not have the content of its digest."""
    digests = {file.outside.location for file in send.files if file.outside is not None}
    return bool(send.absent_lists) or any(problem.location in digests for problem in error.problems)


def has_same_list(base: Send, now: Send) -> bool:
    """Return whether two sends have the same people, because they read the same contents in the same way."""
    return list_key(base) == list_key(now)


def has_other_contacts(base: Send, now: Send) -> bool:
    """Return whether two sends have the same file of contacts with another content."""
    before, after = base.contacts, now.contacts
    is_file = isinstance(before, ContactFile) and isinstance(after, ContactFile)
    return is_file and _contacts_key(base) != _contacts_key(now)


def _is_same_scan(base: Send, now: Send) -> bool:
    """Return whether one scan of a list has the facts of both sends."""
    # Without a mapping, the text decides whether a column of time zones fills a tag.
    return has_same_list(base, now) and zone_tags(base) == zone_tags(now)


def why_not_compared(base: Send, now: Send) -> NotCompared | None:
    """Return why the people of two sends cannot be compared, None if they can be."""
    if isinstance(base.contacts, UnusableContacts):
        return NotCompared.NOT_IN_BASE
    if (base.absent_lists or now.absent_lists) and not has_same_list(base, now):
        return NotCompared.ABSENT
    if base.endpoint.traits.has_contacts != now.endpoint.traits.has_contacts:
        return NotCompared.AT_VENDOR
    if isinstance(base.contacts, ContactQuery) and not has_same_list(base, now):
        return NotCompared.QUERY
    return None


def list_key(send: Send) -> tuple[Any, ...]:
    """Return what decides about the people of a send; unlike `source_of`, without any location."""
    exclude = tuple((file.key, _encode(file.columns)) for file in send.exclude)
    return (_contacts_key(send), send.endpoint.traits, send.audience.countries, exclude)


def _contacts_key(send: Send) -> tuple[Any, ...]:
    match send.contacts:
        case ContactFile(columns=columns):
            return ("file", send.contacts.key, _encode(columns))
        case ContactQuery(connection=connection, sql=sql, columns=columns):
            return ("query", connection, sql, _encode(columns))
        case InlineContacts(contacts=contacts):
            return ("inline", _encode(contacts))
        case _:
            return ("other", type(send.contacts))


def _encode(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
