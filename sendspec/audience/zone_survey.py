"""Survey of time zones: the recipients by the zones that they may be in."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import compress, repeat
from typing import TYPE_CHECKING, Final

from pyroaring import BitMap64

from sendspec.audience.columnar_contacts import plain_numbers
from sendspec.audience.located_count import LocatedCount
from sendspec.jurisdictions import prefix_of
from sendspec.model import ZoneFacts
from sendspec.phone import NON_GEOGRAPHIC, WITHOUT_COUNTRY, numbering_plans
from sendspec.timezones import is_zone, number_zones

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.model import CandidateZones, NumberFacts


_PREFIX_DIGITS: Final = 4
"""The longest prefix of a number with hours of its own: the country code 1 with an area code."""


class ZoneSurvey:
    """Counts the recipients of one audience by their candidate zones.

    A contact's own zone decides, and else its number. The numbers of a list without own zones are only
    counted by prefix, after the scan; so are those of the contacts whose own zone is blank or unknown.
    """

    def __init__(self) -> None:
        self._own: dict[CandidateZones, int] = {}
        self._others: BitMap64 | None = None
        self._without, self._unknown = LocatedCount(), LocatedCount()
        self._has_unread_zones = False
        self._by_prefix: dict[tuple[str, str], int] = {}

    def on_contacts(self, contacts: ContactColumns) -> None:
        """Add recipients; each has a number or a lookup."""
        self._has_unread_zones = contacts.unread_zones
        if contacts.zones is None:
            return
        if self._others is None:
            self._others = BitMap64()
        prefixes = [identity[:_PREFIX_DIGITS] for identity in contacts.identities]
        for key, count in Counter(zip(prefixes, contacts.zones, strict=True)).items():
            self._by_prefix[key] = self._by_prefix.get(key, 0) + count
        others: set[str] = set()
        for cell, count in Counter(contacts.zones).items():
            name = cell.strip()
            if is_zone(name):
                self._own[name,] = self._own.get((name,), 0) + count
            else:
                others.add(cell)
        if others:
            self._add_others(contacts, contacts.zones, others)

    def facts(self, numbers: BitMap64, of_numbers: NumberFacts) -> ZoneFacts:
        """Return the facts after the last recipient.

        `numbers` has the numbers of all recipients, and `of_numbers` the facts about them.
        """
        counts = number_zones().counts(numbers if self._others is None else self._others)
        for zones, count in self._own.items():
            counts[zones] = counts.get(zones, 0) + count
        counts.pop((), None)
        largest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        without = of_numbers.countries.get(WITHOUT_COUNTRY) if self._others is None else self._without.found
        unread, own = self._has_unread_zones, self._own_by_prefix()
        return ZoneFacts(dict(largest), without, self._unknown.found, unread, own)

    def _own_by_prefix(self) -> dict[tuple[str, str], int]:
        """Return the recipients with a zone of their own whose number has hours of its own."""
        found: dict[tuple[str, str], int] = {}
        for (digits, cell), count in self._by_prefix.items():
            zone, prefix = cell.strip(), prefix_of(digits)
            if prefix and is_zone(zone):
                found[prefix, zone] = found.get((prefix, zone), 0) + count
        return dict(sorted(found.items()))

    def _add_others(self, contacts: ContactColumns, zones: Sequence[str], others: Collection[str]) -> None:
        """Add the recipients whose own zone is one of `others`, so that it does not decide."""
        are_others = list(map(others.__contains__, zones))
        identities = list(compress(contacts.identities, are_others))
        self._add_numbers(identities)
        unknown = set(filter(str.strip, others))
        if unknown:
            places = (contacts.location(at) for at, cell in enumerate(zones) if cell in unknown)
            self._unknown.add_all(sum(map(unknown.__contains__, zones)), places)
        if contacts.inline or any(map(str.startswith, identities, repeat(_codes_without_country()))):
            for at in compress(range(len(contacts)), are_others):
                if contacts.lookup(at) is not None or _is_without_country(contacts.identities[at]):
                    self._without.add(contacts.location(at))

    def _add_numbers(self, identities: Sequence[str]) -> None:
        if self._others is None:
            return
        numbers = plain_numbers(identities)
        self._others.update(_numbers(identities) if numbers is None else numbers)


def _numbers(identities: Iterable[str]) -> Iterable[int]:
    """Return the identities that are numbers without leading zeros, which no country code has."""
    for identity in identities:
        yield from plain_numbers([identity]) or ()


def _is_without_country(number: str) -> bool:
    return numbering_plans().verdict(number) == NON_GEOGRAPHIC


@cache
def _codes_without_country() -> tuple[str, ...]:
    plans = numbering_plans()
    return tuple(code for code in plans.codes if NON_GEOGRAPHIC in plans.regions_of(code))
