"""Verdicts about many numbers together: one match for a whole column of a usual list."""

from __future__ import annotations

import re
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.phone.numbering_plans import numbering_plans
from sendspec.phone.reserved import RESERVED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.phone.numbering_plans import NumberingPlans

_SAMPLES: Final = 8
_PREFIX_DIGITS: Final = 3


class _FirstRegion(Struct, frozen=True):
    """The first region of a country code, which is that of most of its numbers.

    `column` matches numbers of the region only, each with LF after it, as many as there are. `number` is
    the pattern of LF and a number of the region, with LF after it.
    """

    name: str
    column: re.Pattern[str]
    number: str


class NumberColumns:
    """The verdicts of `plans` about columns of numbers; expressions are compiled at first use."""

    def __init__(self, plans: NumberingPlans) -> None:
        self._plans = plans
        self._first_regions: dict[str, _FirstRegion | None] = {}

    def common_region(self, numbers: Sequence[str]) -> str | None:
        """Return the region that all numbers are valid in; None if they differ, or if it is not known."""
        region = self._first_region(self._plans.code_of(numbers[0])) if numbers else None
        if region is None:
            return None
        joined = "\n".join(numbers) + "\n"
        match = region.column.match(joined)
        return region.name if match is not None and match.end() == len(joined) else None

    def verdicts(self, numbers: Sequence[str]) -> list[str]:
        """Return `NumberingPlans.verdict` of each number; '' is not valid."""
        samples = numbers[:: max(1, len(numbers) // _SAMPLES)]
        found = {code: self._first_region(code) for code in map(self._plans.code_of, samples)}
        regions = {code: region for code, region in found.items() if region is not None}
        rest = "\n" + "\n".join(numbers) + "\n"
        for region in regions.values():
            rest = re.sub(region.number, "", rest)
        others = {number: self._plans.verdict(number) for number in rest.split("\n")} | {"": ""}
        if len(regions) == 1:
            [only] = regions.values()
            return list(map(others.get, numbers, repeat(only.name)))
        prefixes = {number[:_PREFIX_DIGITS] for number in numbers}
        by_prefix = {
            prefix: regions[code].name
            for prefix in prefixes
            if (code := self._plans.code_of(prefix)) in regions
        }
        return [
            others[number] if number in others else by_prefix[number[:_PREFIX_DIGITS]] for number in numbers
        ]

    def _first_region(self, code: str) -> _FirstRegion | None:
        if code not in self._first_regions:
            self._first_regions[code] = self._compiled(code)
        return self._first_regions[code]

    def _compiled(self, code: str) -> _FirstRegion | None:
        first = self._plans.first_region(code) if code else None
        if first is None:
            return None
        leading = f"(?={first.leading})" if first.leading else ""
        reserved = f"(?!(?:{RESERVED[code]})\n)" if code in RESERVED else ""
        number = f"{code}{reserved}{leading}(?:{first.valid})"
        # A text with a country code at its start has digits only, so a dot means a digit, and is faster.
        # The end of a number is always the end of a look-ahead.
        number = number.replace(r"\d", ".").replace(r"\Z", "\n")
        # Before Python 3.11.5, a possessive `*+` of a group that backtracks matches wrongly.
        return _FirstRegion(first.region, re.compile(f"(?:{number}\n)*"), f"\n{number}(?=\n)")


@cache
def number_columns() -> NumberColumns:
    """Return the columns of the numbering plans; many lists share the expressions that they compile."""
    return NumberColumns(numbering_plans())
