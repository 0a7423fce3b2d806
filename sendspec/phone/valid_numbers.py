"""Valid numbers of one country code: the region of each, with one match or two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.phone.code_plan import RegionPlan


class ValidNumbers:
    """The valid numbers of a country code; expressions are compiled at first use.

    To compile all regions of the code 1 in one expression takes 60 ms. Nearly all numbers are in the
    two of them without leading digits, so the others have an expression each.
    """

    def __init__(self, code: str, plans: Sequence[RegionPlan]) -> None:
        self._code, self._plans = code, plans
        self._with_leading_digits = {plan.region: plan for plan in plans if plan.leading}
        self._first: re.Pattern[str] | None = None
        self._of_region: dict[str, re.Pattern[str]] = {}

    def fullmatch(self, number: str) -> re.Match[str] | None:
        """Return a match of a whole valid number (digits only); its last group has the name of the region."""
        if self._first is None:
            self._first = digits_pattern(f"{self._code}(?:{'|'.join(map(_first_alternative, self._plans))})")
        found = self._first.fullmatch(number)
        if found is None or found.lastgroup not in self._with_leading_digits:
            return found
        pattern = self._of_region.get(found.lastgroup)
        if pattern is None:
            plan = self._with_leading_digits[found.lastgroup]
            pattern = digits_pattern(f"{self._code}(?:{plan.valid})(?P<{plan.region}>)")
            self._of_region[plan.region] = pattern
        return pattern.fullmatch(number)


def _first_alternative(plan: RegionPlan) -> str:
    """Return the pattern of the numbers that belong to a region, valid in it or not."""
    group = f"(?P<{plan.region}>)"
    return f"(?:{plan.leading}){group}.*" if plan.leading else f"(?:{plan.valid}){group}"


def digits_pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern for texts that have digits only."""
    # All characters are digits, so a dot means the same as a digit class, and is faster.
    return re.compile(pattern.replace(r"\d", "."), re.DOTALL)
