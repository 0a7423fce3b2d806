"""Exact differences between the recipients of two lists, by country and candidate zones."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct, field

from sendspec.audience.candidate_zones import narrowed
from sendspec.audience.dedupe import IdentitySet
from sendspec.model import GROUP_SIZE_MIN, PeopleGroups
from sendspec.phone import NON_GEOGRAPHIC, RESERVED, number_columns, numbering_plans
from sendspec.timezones import number_zones

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sendspec.audience.exclusion import Exclusion
    from sendspec.model import Audience, CandidateZones

_CHUNK: Final = 1_000
_Key = TypeVar("_Key")


class PeopleCount(Struct, frozen=True):
    """People, counted by country and by candidate zones; each may miss those without any."""

    count: int = 0
    countries: Mapping[str, int] = field(default_factory=dict)
    zones: Mapping[CandidateZones, int] = field(default_factory=dict)

    def groups(self, audience: Audience) -> PeopleGroups:
        """Return the counts without small groups, narrowed to the zones that an audience declares."""
        zones = Counter[tuple[str, ...]]()
        for candidates, count in self.zones.items():
            zones[narrowed(candidates, audience)] += count
        named_countries, named_zones = _named(self.countries), _named(zones)
        return PeopleGroups(
            count=self.count,
            countries=named_countries,
            other_countries=self.count - sum(count for _, count in named_countries),
            zones=named_zones,
            other_zones=self.count - sum(count for _, count in named_zones),
        )


class PeopleDifference(Struct, frozen=True):
    """The people that only one of two lists has; `readmitted` and `excluded` are on an exclude list."""

    added: PeopleCount
    removed: PeopleCount
    excluded: PeopleCount
    readmitted: PeopleCount


def people_difference(
    before: IdentitySet,
    now: IdentitySet,
    excluded_before: Exclusion | None,
    excluded_now: Exclusion | None,
) -> PeopleDifference:
    """Return who is a recipient of only one of two lists, with the exclude lists of each."""
    added, readmitted = _split(_minus(now, before), excluded_before)
    removed, excluded = _split(_minus(before, now), excluded_now)
    return PeopleDifference(*map(count_people, (added, removed, excluded, readmitted)))


def count_people(people: IdentitySet) -> PeopleCount:
    """Count identities by country and by the candidate zones of their numbers."""
    zones = number_zones().counts(people.numbers)
    zones.pop((), None)
    return PeopleCount(len(people), _countries(people), zones)


def _minus(people: IdentitySet, others: IdentitySet) -> IdentitySet:
    """Return the identities of the first set that the second one does not have."""
    rest = IdentitySet()
    rest.numbers = people.numbers - others.numbers
    rest.padded = people.padded - others.padded
    rest.others = people.others - others.others
    return rest


def _split(people: IdentitySet, exclusion: Exclusion | None) -> tuple[IdentitySet, IdentitySet]:
    """Return the identities that no exclude list has, and those that one has."""
    excluded = IdentitySet()
    if exclusion is None:
        return people, excluded
    for chunk in _chunks(people.numbers):
        excluded.numbers.update(exclusion.listed(chunk))
    for identity in _texts(people):
        if exclusion.removes(identity):
            excluded.add(identity)
    return _minus(people, excluded), excluded


def _texts(people: IdentitySet) -> Iterator[str]:
    """Yield the identities that are not plain numbers."""
    yield from (str(number)[1:] for number in people.padded)
    yield from people.others


def _countries(people: IdentitySet) -> Counter[str]:
    plans, columns = numbering_plans(), number_columns()
    counts = Counter[str]()
    for chunk in _chunks(people.numbers):
        numbers = list(map(str, chunk))
        common = columns.common_region(numbers)
        if common is not None:
            counts[common] += len(numbers)
            continue
        verdicts = columns.verdicts(numbers)
        counts.update(verdicts)
        reserved = (number for number, verdict in zip(numbers, verdicts, strict=True) if verdict == RESERVED)
        counts.update(map(plans.region_of_reserved, reserved))
    for without in ("", RESERVED, NON_GEOGRAPHIC):
        del counts[without]
    return counts


def _named(counts: Mapping[_Key, int]) -> tuple[tuple[_Key, int], ...]:
    """Return the groups that are large enough to be named, the largest first."""
    large = [(key, count) for key, count in counts.items() if count >= GROUP_SIZE_MIN]
    return tuple(sorted(large, key=lambda item: (-item[1], item[0])))


def _chunks(numbers: Iterable[int]) -> Iterator[Sequence[int]]:
    rest = iter(numbers)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
