"""Defects of the guards of numbers: what is never sent, and which cache is read."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_UNREADABLE: Final = "field/test_phone_numbers.py::test_an_unreadable_number_is_never_sent"
_CACHE: Final = "test_phone_cache.py::"

MUTANTS: Final = (
    GuardMutant(
        "sends unreadable numbers as they are written",
        "audience/contact_columns.py",
        "identities = written if numbers is not None else normalised_column(written)",
        "identities = written",
        _UNREADABLE,
    ),
    GuardMutant(
        "sends contacts with an unreadable number",
        "audience/dedupe.py",
        "if not identity:\n            self.refused_count += 1\n",
        "if not identity:\n            return True\n",
        _UNREADABLE,
    ),
    GuardMutant(
        "reads a number with a decimal as digits",
        "phone/notation.py",
        "is_decimal(written) or ",
        "",
        "field/test_phone_numbers.py::test_a_number_that_ends_in_a_dot_and_zeros_is_a_decimal",
    ),
    GuardMutant(
        "believes a damaged cache of numbering plans",
        "phone/plan_cache.py",
        "if digest != _digest(content):",
        "if False:",
        _CACHE + "test_a_damaged_file_is_replaced",
    ),
    GuardMutant(
        "believes a cache that others may write",
        "phone/plan_cache.py",
        "if status.st_mode & _WRITABLE_BY_OTHERS:",
        "if False:",
        _CACHE + "test_a_file_that_others_may_write_is_not_read",
    ),
    GuardMutant(
        "takes a number without its country code for one of the country that it seems to have",
        "phone/numbering_plans.py",
        'return "" if match is None else match.lastgroup or ""',
        'return "US" if match is None else match.lastgroup or ""',
        "test_phone_numbers.py::test_verdicts_are_those_of_libphonenumber",
    ),
)
