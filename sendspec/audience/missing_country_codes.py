"""Country codes that numbers of a list lack: with one of them before it, such a number would be mobile."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

from sendspec.phone import NON_GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sendspec.phone import Diagnosis, NumberingPlans

_COMMON: Final = (
    "1 44 49 33 34 39 91 61 55 52 81 86 31 32 41 43 45 46 47 48 351 353 358 30 64 65 852 82 27 54 57 56 51"
)
"""Country codes of large markets, the first ones first; a tie between countries follows this order."""

_EXAMINED_MAX: Final = 1000
"""Numbers that are compared with every country; later ones only with `_LATER_MAX`, which is faster."""

_SHORT: Final = 8
"""So short a number fits many countries, so only those of the list are considered."""

_LATER_MAX: Final = 4

_MUCH_LARGER: Final = 10
"""Places in the order of `_COMMON` between a country code and one of a much smaller market."""


class _Fits:
    """Counts of numbers by the set of country codes that each may lack, and by country code."""

    def __init__(self) -> None:
        self.sets: Counter[frozenset[str]] = Counter()
        self.codes: Counter[str] = Counter()
        self.examined = 0
        self._most_common: tuple[str, ...] = ()

    def add(self, codes: Collection[str]) -> None:
        self.sets[frozenset(codes)] += 1
        self.codes.update(codes)
        if not set(codes).issubset(self._most_common):
            self._most_common = ()

    @property
    def most_common(self) -> tuple[str, ...]:
        """The codes that fit the most numbers; only another code that is counted can change them."""
        if not self._most_common:
            self._most_common = tuple(code for code, _ in self.codes.most_common(_LATER_MAX))
        return self._most_common


@cache
def _geographic_codes(plans: NumberingPlans) -> tuple[str, ...]:
    """Return the country codes that belong to countries, the common ones first."""
    # A project has thousands of audiences, and each of them needs the same codes.
    common = _COMMON.split()
    others = (code for code in plans.codes if code not in common)
    return tuple(code for code in (*common, *others) if NON_GEOGRAPHIC not in plans.regions_of(code))


class HomeCodes:
    """Counts with which country codes the invalid numbers of a list would be valid.

    `majority` is the country code of most numbers so far, or ''; `known` are those of valid numbers.
    """

    def __init__(self, plans: NumberingPlans, pinned: Iterable[str]) -> None:
        self.majority = ""
        self.known: frozenset[str] = frozenset()
        self._plans = plans
        self._pinned = frozenset(filter(None, map(plans.code_of_region, pinned)))
        self._bare, self._after_zero = _Fits(), _Fits()
        self._codes = _geographic_codes(plans)

    @property
    def counts(self) -> Counter[str]:
        """The number of invalid numbers by the country code that each may lack."""
        return self._bare.codes

    def fits(self, number: str, claimed: str) -> bool:
        """Return whether an invalid number would be a mobile number with a country code before it.

        A number that has the country code of most numbers, `claimed`, does not lack one. Neither does one
        that is a digit short or long of the plan of `claimed`, if that country is more likely.
        """
        if claimed and claimed == self.majority:
            return False
        codes = self._codes_of(number, self._bare)
        if codes and self._is_likelier(claimed, codes) and self._differs_by_a_digit(number, claimed):
            return False
        if codes:
            self._bare.add(codes)
        return bool(codes)

    def _is_likelier(self, claimed: str, codes: Collection[str]) -> bool:
        """Return whether the code that a number has is likelier than those that it may lack.

        The list decides if it has numbers of either; else a code of a much larger market is likelier.
        """
        has_claimed, has_others = claimed in self._evident, not self._evident.isdisjoint(codes)
        if has_claimed != has_others:
            return has_claimed
        ranks = {code: rank for rank, code in enumerate(_COMMON.split())}
        best = min(ranks.get(code, len(ranks)) for code in codes)
        return claimed in ranks and ranks[claimed] + _MUCH_LARGER <= best

    def _differs_by_a_digit(self, number: str, claimed: str) -> bool:
        """Return whether the number is valid with one more digit at its end, or with one less."""
        lengths, digits = self._plans.lengths(claimed), len(number) - len(claimed)
        candidates = [f"{number}{digit}" for digit in range(10)] if digits + 1 in lengths else []
        candidates += [number[:-1]] if digits - 1 in lengths else []
        return any(map(self._plans.verdict, candidates))

    def fits_after_zero(self, number: str) -> None:
        """Count the country codes that may replace the 0 at the start of `number`."""
        self._after_zero.add(self._codes_of(number.removeprefix("0"), self._after_zero))

    def likely(self, diagnosis: Diagnosis) -> tuple[str, ...]:
        """Return the country codes that most numbers may lack, the most likely first."""
        sets = (self._after_zero if diagnosis.detail else self._bare).sets
        first = self._best(sets)
        rest = Counter({codes: count for codes, count in sets.items() if not first or first[0] not in codes})
        second = self._best(rest) or first[1:]
        return tuple(dict.fromkeys((*first[:1], *second[:1])))

    def _best(self, sets: Counter[frozenset[str]]) -> list[str]:
        """Return the codes that fit the most numbers, only those of the list if there are any."""
        counts: Counter[str] = Counter()
        for codes, count in sets.items():
            counts.update(dict.fromkeys(codes, count))
        best = max(counts.values(), default=0)
        equal = [code for code in self._codes if best and counts[code] == best]
        return [code for code in equal if code in self._evident] or equal

    @property
    def _evident(self) -> frozenset[str]:
        # Numbers without a country, such as +800, have a region without a country code.
        return (self._pinned or self.known) - {""}

    def _codes_of(self, number: str, fits: _Fits) -> list[str]:
        """Return the country codes with which `number` would be a mobile number."""
        if len(number) <= _SHORT:
            return self._matching(number, self._evident)
        fits.examined += 1
        if fits.examined > _EXAMINED_MAX:
            return self._matching(number, fits.most_common)
        return self._matching(number, self._codes)

    def _matching(self, number: str, codes: Iterable[str]) -> list[str]:
        return [code for code in codes if self._plans.is_mobile(code, number)]
