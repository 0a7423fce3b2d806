"""Valid numbers that may lack another country code: `6465550123` is valid in New Zealand and in New York."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.model import LOCATIONS_MAX, Lookalikes, Occurrences
from sendspec.phone import NON_GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.audience.missing_country_codes import HomeCodes
    from sendspec.model import Location
    from sendspec.phone import NumberingPlans

_AMERICAN: Final = "1"


class _Pair(NamedTuple):
    """A region as the numbers are written, and a country code that they may lack."""

    region: str
    code: str


class LookalikeCount:
    """Counts the numbers of each region that would be mobile numbers with another country code before them.

    They are suspicious if this is true for all numbers of their region in the list. A region with one
    other number is really meant, so it is not examined further.
    """

    def __init__(self, plans: NumberingPlans, pinned: Iterable[str]) -> None:
        self._plans = plans
        self._pinned = frozenset(pinned)
        self._seen: Counter[str] = Counter()
        self._counts: dict[_Pair, int] = {}
        self._meant: set[_Pair] = set()
        self._locations: dict[_Pair, list[Location]] = {}

    def add(
        self,
        contacts: ContactColumns,
        verdicts: Sequence[str],
        counts: Mapping[str, int],
        code_counts: Counter[str],
        homes: HomeCodes,
    ) -> None:
        """Add recipients with the region of each, and the count of each region."""
        suspects = _suspects(code_counts, homes)
        for region, count in counts.items():
            if region == NON_GEOGRAPHIC or region in self._pinned:
                continue
            for code in suspects:
                pair = _Pair(region, code)
                if pair not in self._meant and self._plans.code_of_region(region) != code:
                    offsets = [at for at, verdict in enumerate(verdicts) if verdict == region]
                    self._add_numbers(pair, contacts, offsets)
            self._seen[region] += count

    def _add_numbers(self, pair: _Pair, contacts: ContactColumns, offsets: Sequence[int]) -> None:
        if self._counts.get(pair, 0) < self._seen[pair.region]:
            self._meant.add(pair)  # Earlier numbers of the region were not compared with this code.
            return
        for at in offsets:
            if not self._plans.is_mobile(pair.code, contacts.identities[at]):
                self._meant.add(pair)
                return
            locations = self._locations.setdefault(pair, [])
            if len(locations) < LOCATIONS_MAX:
                locations.append(contacts.location(at))
        self._counts[pair] = self._counts.get(pair, 0) + len(offsets)

    def result(self, code_counts: Counter[str], homes: HomeCodes) -> tuple[Lookalikes, ...]:
        """Return the suspicious numbers by the country code that they may lack."""
        by_code: dict[str, list[_Pair]] = {}
        for pair, count in self._counts.items():
            evidence = homes.counts[pair.code] + code_counts[pair.code]
            if pair not in self._meant and (pair.code == _AMERICAN or evidence >= count):
                by_code.setdefault(pair.code, []).append(pair)
        return tuple(self._lookalikes(code, pairs) for code, pairs in by_code.items())

    def _lookalikes(self, code: str, pairs: Sequence[_Pair]) -> Lookalikes:
        locations = sorted(location for pair in pairs for location in self._locations[pair])
        count = sum(self._counts[pair] for pair in pairs)
        return Lookalikes(code, Occurrences(count, tuple(locations[:LOCATIONS_MAX])))


def _suspects(code_counts: Counter[str], homes: HomeCodes) -> tuple[str, ...]:
    """Return the codes that numbers may lack: +1, that of most numbers, and that of invalid numbers."""
    [(most, count)] = code_counts.most_common(1) or [("", 0)]
    majority = (most,) if count * 2 > code_counts.total() else ()
    return tuple(dict.fromkeys((_AMERICAN, *majority, *(code for code, _ in homes.counts.most_common(1)))))
