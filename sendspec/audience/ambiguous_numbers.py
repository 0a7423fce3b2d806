"""Valid numbers that may lack another country code: `6465550123` is valid in New Zealand and in New York."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.model import LOCATIONS_MAX, Lookalikes, Occurrences
from sendspec.phone import NON_GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sendspec.audience.columnar_contacts import ContactColumns
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
        self._seen: dict[str, int] = {}
        self._counts: dict[_Pair, int] = {}
        self._meant: set[_Pair] = set()
        self._locations: dict[_Pair, list[Location]] = {}

    def add(
        self,
        contacts: ContactColumns,
        verdicts: Sequence[str],
        counts: Mapping[str, int],
        code_counts: Mapping[str, int],
        missing_codes: Mapping[str, int],
    ) -> None:
        """Add recipients with the region of each, and the count of each region."""
        suspects = _suspects(code_counts, missing_codes)
        for region, count in counts.items():
            if region == NON_GEOGRAPHIC or region in self._pinned:
                continue
            own_code = self._plans.code_of_region(region)
            for code in suspects:
                if code != own_code and (pair := _Pair(region, code)) not in self._meant:
                    offsets = [at for at, verdict in enumerate(verdicts) if verdict == region]
                    self._add_numbers(pair, contacts, offsets)
            self._seen[region] = self._seen.get(region, 0) + count

    def _add_numbers(self, pair: _Pair, contacts: ContactColumns, offsets: Sequence[int]) -> None:
        if self._counts.get(pair, 0) < self._seen.get(pair.region, 0):
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

    def result(
        self, code_counts: Mapping[str, int], missing_codes: Mapping[str, int]
    ) -> tuple[Lookalikes, ...]:
        """Return the suspicious numbers by the country code that they may lack."""
        by_code: dict[str, list[_Pair]] = {}
        for pair, count in self._counts.items():
            evidence = missing_codes.get(pair.code, 0) + code_counts.get(pair.code, 0)
            if pair not in self._meant and (pair.code == _AMERICAN or evidence >= count):
                by_code.setdefault(pair.code, []).append(pair)
        return tuple(self._lookalikes(code, pairs) for code, pairs in by_code.items())

    def _lookalikes(self, code: str, pairs: Sequence[_Pair]) -> Lookalikes:
        locations = sorted(location for pair in pairs for location in self._locations[pair])
        count = sum(self._counts[pair] for pair in pairs)
        return Lookalikes(code, Occurrences(count, tuple(locations[:LOCATIONS_MAX])))


def _suspects(code_counts: Mapping[str, int], missing_codes: Mapping[str, int]) -> Iterable[str]:
    """Return the codes that numbers may lack: +1, that of most numbers, and that of invalid numbers."""
    suspects = [_AMERICAN]
    most = max(code_counts, key=code_counts.__getitem__, default="")
    if most and code_counts[most] * 2 > sum(code_counts.values()):
        suspects.append(most)
    if missing_codes:
        suspects.append(max(missing_codes, key=missing_codes.__getitem__))
    return dict.fromkeys(suspects)
