"""Numbering plans: validity and country of numbers, exactly as libphonenumber decides."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.phone.code_plan import NON_GEOGRAPHIC, CodePlan, RegionPlan
from sendspec.phone.plan_cache import load_or_compile
from sendspec.phone.reserved import RESERVED as RESERVED_PATTERNS
from sendspec.phone.valid_numbers import ValidNumbers, digits_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

FORM: Final = 2
"""Version of the compiled form; raise it with every change in `sendspec.phone.metadata_compiler`."""

RESERVED: Final = "RESERVED"
"""The verdict about a number that a regulator reserves for fiction; it needs not be valid."""

_CODE_DIGITS_MAX: Final = 3


class NumberingPlans:
    """The numbering plans of all country codes; expressions are compiled at first use."""

    def __init__(self, plans: Mapping[str, CodePlan]) -> None:
        self._plans = plans
        self._mobile: dict[str, re.Pattern[str]] = {}
        self._valid: dict[str, ValidNumbers] = {}
        regions = ((region, code) for code, plan in plans.items() for region in plan.regions)
        self._codes = {region: code for region, code in regions if region != NON_GEOGRAPHIC}
        self.matchers = _Matchers(self)
        """`fullmatch` of a whole number (digits only), by its first three digits; `lastgroup` is its verdict.

        The verdict is a region or `RESERVED`. Use this in loops over lists, `verdict` elsewhere.
        """

    @property
    def codes(self) -> tuple[str, ...]:
        """All country codes."""
        return tuple(self._plans)

    @property
    def regions(self) -> frozenset[str]:
        """All regions that a number may have."""
        return frozenset(self._codes)

    def code_of(self, number: str) -> str:
        """Return the country code at the start of `number` (digits only), or '' if it is unknown."""
        for length in range(1, _CODE_DIGITS_MAX + 1):
            if number[:length] in self._plans:
                return number[:length]
        return ""

    def code_of_region(self, region: str) -> str:
        """Return the country code of a region of `regions`, or '' if it is unknown."""
        return self._codes.get(region, "")

    def regions_of(self, code: str) -> tuple[str, ...]:
        """Return the regions that share a country code, the main one first."""
        return tuple(self._plans[code].regions)

    def lengths(self, code: str) -> tuple[int, ...]:
        """Return the possible counts of digits after a country code in its main region, ascending."""
        return tuple(self._plans[code].lengths)

    def national_prefix(self, code: str) -> str:
        """Return the digits that a country dials before its numbers inside the country only, or ''."""
        return self._plans[code].national_prefix

    def first_region(self, code: str) -> RegionPlan | None:
        """Return the plan of the first region of a country code, which most of its numbers belong to."""
        plans = self._plans[code].plans
        return RegionPlan(*plans[0]) if plans else None

    def verdict(self, number: str) -> str:
        """Return the region of a valid number (digits only), `RESERVED`, or '' if it is not valid."""
        match = self.matchers[number[:_CODE_DIGITS_MAX]](number)
        return "" if match is None else match.lastgroup or ""

    def is_valid(self, number: str) -> bool:
        """Return whether `number` (digits only) is valid or reserved; it need not be in use."""
        return bool(self.verdict(number))

    def is_mobile(self, code: str, national: str) -> bool:
        """Return whether `national` is, or may be, a mobile number of `code`, or is a reserved number."""
        pattern = self._mobile.get(code)
        if pattern is None:
            either = "|".join((self._plans[code].mobile, RESERVED_PATTERNS.get(code, "(?!)")))
            pattern = self._mobile[code] = digits_pattern(either)
        return pattern.fullmatch(national) is not None

    def region_of_reserved(self, number: str) -> str:
        """Return the region of a reserved number: that of its area, else the main one of its code."""
        code = self.code_of(number)
        match = self._valid_numbers(code).fullmatch(number)
        return (match and match.lastgroup) or self._plans[code].regions[0]

    def matcher(self, prefix: str) -> Callable[[str], re.Match[str] | None]:
        """Return `fullmatch` for numbers that start with `prefix`, its first three digits."""
        code = self.code_of(prefix)
        if not code:
            return _NEVER.fullmatch
        valid = self._valid_numbers(code).fullmatch
        if code not in RESERVED_PATTERNS:
            return valid
        reserved = _reserved(code).fullmatch
        return lambda number: reserved(number) or valid(number)

    def _valid_numbers(self, code: str) -> ValidNumbers:
        """Return the valid numbers of a code; `region_of_reserved` and matchers share their expressions."""
        found = self._valid.get(code)
        if found is None:
            plans = [RegionPlan(*plan) for plan in self._plans[code].plans]
            found = self._valid[code] = ValidNumbers(code, plans)
        return found


class _Matchers(dict[str, "Callable[[str], re.Match[str] | None]"]):
    """The matchers of the prefixes seen so far, at most a thousand of digits."""

    def __init__(self, plans: NumberingPlans) -> None:
        super().__init__()
        self._plans = plans

    def __missing__(self, prefix: str) -> Callable[[str], re.Match[str] | None]:
        matcher = self._plans.matcher(prefix)
        self[prefix] = matcher
        return matcher


_NEVER: Final = lazy_pattern("(?!)")


@cache
def _reserved(code: str) -> re.Pattern[str]:
    return digits_pattern(f"{code}(?:{RESERVED_PATTERNS[code]})(?P<{RESERVED}>)")


@cache
def numbering_plans() -> NumberingPlans:
    """Return the numbering plans of the installed phonenumbers, from the user's cache if possible."""
    plans = load_or_compile(FORM, os.environ, _compile)
    return NumberingPlans({code: CodePlan(*plan) for code, plan in plans.items()})


def _compile() -> Mapping[str, CodePlan]:
    from sendspec.phone.metadata_compiler import compile_metadata  # noqa: PLC0415 - unnecessary with a cache

    return compile_metadata()
