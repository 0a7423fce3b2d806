"""Survey of the numbers of an audience: their countries, and a diagnosis of those that are not valid.

Its memory does not grow with the list: it counts, and stores the first three locations of each kind.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.audience.ambiguous_numbers import LookalikeCount
from sendspec.audience.located_count import LocatedCount
from sendspec.audience.missing_country_codes import HomeCodes
from sendspec.model import InvalidNumbers, NumberFacts
from sendspec.phone import (
    NON_GEOGRAPHIC,
    RESERVED,
    WITHOUT_COUNTRY,
    Defect,
    Diagnosis,
    diagnose,
    number_columns,
    numbering_plans,
)
from sendspec.redact import mask_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.model import Location

_DIAGNOSES_MAX: Final = 20
"""Each odd character is a kind of its own, so a damaged list could have thousands."""

_MAY_LACK_CODE: Final = (Defect.NOT_ASSIGNED, Defect.IMPOSSIBLE_LENGTH, Defect.UNKNOWN_COUNTRY_CODE)


class _InvalidCount(LocatedCount):
    """A tally of invalid numbers, and what the first one looks like."""

    example: str = ""
    correction: str = ""


class BatchRegions(NamedTuple):
    """The regions of some recipients: how many are in each, and the region of each one.

    `of_recipients` may be empty if all are in one. Recipients without a valid number have the region ''.
    """

    counts: Mapping[str, int]
    of_recipients: Sequence[str]


class NumberSurvey:
    """Collects the facts about the numbers of one send, up to 1,000 contacts at a time."""

    def __init__(
        self, pinned: Iterable[str] = (), on_corrected: Callable[[str], object] | None = None
    ) -> None:
        """Start without contacts; `pinned` are the regions that the send declares.

        `on_corrected` receives what each invalid number should be, if that is known.
        """
        self._plans = numbering_plans()
        self._columns = number_columns()
        self._pinned = frozenset(pinned)
        self._on_corrected = on_corrected
        self._count = 0
        self._countries: dict[str, LocatedCount] = {}
        self._reserved = LocatedCount()
        self._invalid: dict[Diagnosis, _InvalidCount] = {}
        self._lookalikes = LookalikeCount(self._plans, self._pinned)

    def on_contacts(self, contacts: ContactColumns) -> BatchRegions:
        """Add recipients, each with a number or a lookup, and return their regions."""
        numbers = contacts.identities
        common = self._columns.common_region(numbers)
        verdicts = self._columns.verdicts(numbers) if common is None else [common] * len(numbers)
        counts: dict[str, int] = Counter(verdicts) if common is None else {common: len(numbers)}
        odd = counts.pop(RESERVED, 0) + counts.pop("", 0)
        for region, count in counts.items():
            self._country(region).add_all(count, _locations(contacts, verdicts, region))
            self._count += count
        regions = verdicts
        if odd:
            regions = [
                self._plans.region_of_reserved(number) if verdict == RESERVED else verdict
                for number, verdict in zip(numbers, verdicts, strict=True)
            ]
            self._add_odd(contacts, verdicts, regions)
        self._lookalikes.add(contacts, verdicts, counts, self._code_counts(), self._missing_codes)
        return BatchRegions(Counter(regions) if odd else counts, regions)

    def on_refused(self, contacts: ContactColumns) -> None:
        """Add contacts that are never sent, because their number is not readable, or for another reason."""
        for at, written in enumerate(contacts.written):
            if written.strip() and len(contacts.given(at)) == 1:
                self._diagnose(contacts, at)

    def facts(self) -> NumberFacts:
        """Return the facts, after the last contact."""
        largest = sorted(self._countries.items(), key=lambda item: (-item[1].count, item[0]))
        return NumberFacts(
            count=self._count,
            countries={iso_code(region): tally.occurrences for region, tally in largest},
            reserved=self._reserved.found,
            invalid=tuple(self._invalid_numbers(*item) for item in self._invalid.items()),
            lookalikes=self._lookalikes.result(self._code_counts(), self._missing_codes),
        )

    @cached_property
    def _homes(self) -> HomeCodes:
        return HomeCodes(self._plans, self._pinned)  # Most lists have no invalid number.

    @property
    def _missing_codes(self) -> Mapping[str, int]:
        """The number of invalid numbers by the country code that each may lack."""
        return self._homes.counts if self._invalid else {}

    def _country(self, region: str) -> LocatedCount:
        return self._countries.setdefault(region, LocatedCount())

    def _code_counts(self) -> Mapping[str, int]:
        """Return the number of valid numbers by country code."""
        counts: dict[str, int] = {}
        for region, tally in self._countries.items():
            code = self._plans.code_of_region(region)
            counts[code] = counts.get(code, 0) + tally.count
        return counts

    def _add_odd(self, contacts: ContactColumns, verdicts: Sequence[str], regions: Sequence[str]) -> None:
        """Add the reserved and the invalid numbers; the reserved ones first, because they show a country."""
        reserved = [at for at, verdict in enumerate(verdicts) if verdict == RESERVED]
        invalid = [at for at, verdict in enumerate(verdicts) if verdict == "" and contacts.written[at]]
        self._count += len(reserved) + len(invalid)
        self._reserved.add_all(len(reserved), map(contacts.location, reserved))
        for at in reserved:
            self._country(regions[at]).add_at(at, contacts.location)
        if invalid:
            code, count = max(self._code_counts().items(), key=lambda item: item[1], default=("", 0))
            self._homes.majority = code if count * 2 > self._count else ""
            self._homes.known = frozenset(map(self._plans.code_of_region, self._countries))
        for at in invalid:
            self._diagnose(contacts, at)

    def _diagnose(self, contacts: ContactColumns, at: int) -> None:
        written, identity = contacts.written[at], contacts.identities[at]
        diagnosis, corrected = diagnose(written, identity)
        if corrected and self._on_corrected is not None:
            self._on_corrected(corrected)
        if diagnosis.defect in _MAY_LACK_CODE and not written.lstrip().startswith("+"):
            if self._homes.fits(identity, diagnosis.code):
                diagnosis = Diagnosis(Defect.NO_COUNTRY_CODE)
        elif diagnosis.defect is Defect.NO_COUNTRY_CODE:
            self._homes.fits_after_zero(identity)
        if diagnosis not in self._invalid and len(self._invalid) >= _DIAGNOSES_MAX:
            diagnosis = Diagnosis(Defect.OTHER)
        tally = self._invalid.setdefault(diagnosis, _InvalidCount())
        if not tally.count:
            tally.example = mask_number(identity) if identity else ""
            tally.correction = mask_number(corrected) if corrected else ""
        tally.add(contacts.location(at))

    def _invalid_numbers(self, diagnosis: Diagnosis, tally: _InvalidCount) -> InvalidNumbers:
        homes = self._homes.likely(diagnosis) if diagnosis.defect is Defect.NO_COUNTRY_CODE else ()
        return InvalidNumbers(diagnosis, tally.occurrences, tally.example, tally.correction, homes)


def _locations(contacts: ContactColumns, verdicts: Sequence[str], region: str) -> Iterator[Location]:
    return (contacts.location(at) for at, verdict in enumerate(verdicts) if verdict == region)


def iso_code(region: str) -> str:
    """Return libphonenumber's code of a region."""
    return WITHOUT_COUNTRY if region == NON_GEOGRAPHIC else region
