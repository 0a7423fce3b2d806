"""Survey of the numbers of an audience: their countries, and a diagnosis of those that are not valid.

Its memory does not grow with the list: it counts, and stores the first three locations of each kind.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from sendspec.audience.missing_country_codes import HomeCodes
from sendspec.model import InvalidNumbers, NumberFacts, Occurrences
from sendspec.phone import (
    NON_GEOGRAPHIC,
    RESERVED,
    WITHOUT_COUNTRY,
    Defect,
    Diagnosis,
    diagnose,
    numbering_plans,
)
from sendspec.redact import mask_number
from tests.row_scan.lookalikes import LookalikeCount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sendspec.model import Contact, Location
    from tests.row_scan.dedupe import Duplicate

LOCATIONS_MAX: Final = 3
_DIAGNOSES_MAX: Final = 20
"""Each odd character is a kind of its own, so a damaged list could have thousands."""

_MAY_LACK_CODE: Final = (Defect.NOT_ASSIGNED, Defect.IMPOSSIBLE_LENGTH, Defect.UNKNOWN_COUNTRY_CODE)


@dataclass(slots=True)
class _Tally:
    """A count with its first locations, and what the first number looks like."""

    count: int = 0
    locations: list[Location] = field(default_factory=list)
    example: str = ""
    correction: str = ""

    def add(self, location: Location) -> None:
        self.count += 1
        if len(self.locations) < LOCATIONS_MAX:
            self.locations.append(location)

    def add_all(self, count: int, contacts: Iterable[Contact]) -> None:
        """Count `count` contacts, of which `contacts` yields the first."""
        self.count += count
        if len(self.locations) < LOCATIONS_MAX:
            missing = LOCATIONS_MAX - len(self.locations)
            self.locations += (contact.location for contact in islice(contacts, missing))

    @property
    def occurrences(self) -> Occurrences:
        return Occurrences(self.count, tuple(self.locations))


class NumberSurvey:
    """Collects the facts about the numbers of one send, up to 1,000 contacts at a time."""

    def __init__(
        self, pinned: Iterable[str] = (), on_corrected: Callable[[str], object] = lambda _: None
    ) -> None:
        """Start without contacts; `pinned` are the regions that the send declares."""
        self._plans = numbering_plans()
        self._pinned = frozenset(pinned)
        self._on_corrected = on_corrected
        self._count = 0
        self._countries: dict[str, _Tally] = {}
        self._reserved = _Tally()
        self._invalid: dict[Diagnosis, _Tally] = {}
        self._homes = HomeCodes(self._plans, self._pinned)
        self._lookalikes = LookalikeCount(self._plans, self._pinned)

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        """Add recipients; each has a number or a lookup."""
        matchers = self._plans.matchers
        verdicts: list[str | None] = []
        add = verdicts.append
        for contact in contacts:  # The loop over all numbers of a list, so it has no call but the match.
            number = contact.identity
            match = matchers[number[:3]](number)
            add(match.lastgroup if match else "")
        counts = Counter(verdicts)
        odd = counts.pop(RESERVED, 0) + counts.pop("", 0)
        for region, count in counts.items():
            if region is not None:
                of_region = (c for c, verdict in zip(contacts, verdicts, strict=True) if verdict == region)
                self._country(region).add_all(count, of_region)
        self._count += counts.total()
        if odd:
            self._add_odd(contacts, verdicts)
        self._lookalikes.add(contacts, verdicts, counts, self._code_counts(), self._homes)

    def on_refused(self, contacts: Sequence[Contact]) -> None:
        """Add contacts that are never sent, because their number is not readable, or for another reason."""
        for contact in contacts:
            if contact.written.strip() and len(contact.given) == 1:
                self._diagnose(contact)

    def on_duplicates(self, duplicates: Sequence[Duplicate]) -> None:
        """Ignore contacts that repeat a recipient."""

    def facts(self) -> NumberFacts:
        """Return the facts, after the last contact."""
        largest = sorted(self._countries.items(), key=lambda item: (-item[1].count, item[0]))
        return NumberFacts(
            count=self._count,
            countries={_iso(region): tally.occurrences for region, tally in largest},
            reserved=self._reserved.occurrences if self._reserved.count else None,
            invalid=tuple(self._invalid_numbers(*item) for item in self._invalid.items()),
            lookalikes=self._lookalikes.result(self._code_counts(), self._homes),
        )

    def _country(self, region: str) -> _Tally:
        return self._countries.setdefault(region, _Tally())

    def _code_counts(self) -> Counter[str]:
        """Return the number of valid numbers by country code."""
        counts: Counter[str] = Counter()
        for region, tally in self._countries.items():
            counts[self._plans.code_of_region(region)] += tally.count
        return counts

    def _add_odd(self, contacts: Sequence[Contact], verdicts: Sequence[str | None]) -> None:
        """Add the reserved and the invalid numbers; the reserved ones first, because they show a country."""
        invalid: list[Contact] = []
        for contact, verdict in zip(contacts, verdicts, strict=True):
            if verdict == RESERVED:
                self._count += 1
                self._reserved.add(contact.location)
                self._country(self._plans.region_of_reserved(contact.identity)).add(contact.location)
            elif verdict == "" and contact.written:
                self._count += 1
                invalid.append(contact)
        if invalid:
            code, count = max(self._code_counts().items(), key=lambda item: item[1], default=("", 0))
            self._homes.majority = code if count * 2 > self._count else ""
            self._homes.known = frozenset(map(self._plans.code_of_region, self._countries))
        for contact in invalid:
            self._diagnose(contact)

    def _diagnose(self, contact: Contact) -> None:
        diagnosis, corrected = diagnose(contact.written, contact.identity)
        if corrected:
            self._on_corrected(corrected)
        if diagnosis.defect in _MAY_LACK_CODE and not contact.written.lstrip().startswith("+"):
            if self._homes.fits(contact.identity, diagnosis.code):
                diagnosis = Diagnosis(Defect.NO_COUNTRY_CODE)
        elif diagnosis.defect is Defect.NO_COUNTRY_CODE:
            self._homes.fits_after_zero(contact.identity)
        if diagnosis not in self._invalid and len(self._invalid) >= _DIAGNOSES_MAX:
            diagnosis = Diagnosis(Defect.OTHER)
        tally = self._invalid.setdefault(diagnosis, _Tally())
        if not tally.count:
            tally.example = mask_number(contact.identity) if contact.identity else ""
            tally.correction = mask_number(corrected) if corrected else ""
        tally.add(contact.location)

    def _invalid_numbers(self, diagnosis: Diagnosis, tally: _Tally) -> InvalidNumbers:
        homes = self._homes.likely(diagnosis) if diagnosis.defect is Defect.NO_COUNTRY_CODE else ()
        return InvalidNumbers(diagnosis, tally.occurrences, tally.example, tally.correction, homes)


def _iso(region: str) -> str:
    """Return libphonenumber's code of a region."""
    return WITHOUT_COUNTRY if region == NON_GEOGRAPHIC else region
