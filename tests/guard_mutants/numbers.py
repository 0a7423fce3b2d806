"""Defects of the guards of numbers: what is never sent, and which cache is read."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_UNREADABLE: Final = "field/test_phone_numbers.py::test_an_unreadable_number_is_never_sent"
_CACHE: Final = "test_phone_cache.py::"
_EXCLUDE: Final = "field/test_exclude_lists.py::"
_AS_DIALLED: Final = _EXCLUDE + "test_a_number_of_a_list_in_another_form_excludes_and_is_an_error"
_SEVERAL: Final = _EXCLUDE + "test_a_number_without_its_code_excludes_in_lists_of_several_countries"

MUTANTS: Final = (
    GuardMutant(
        "excludes only numbers as the list writes them",
        "audience/exclusion.py",
        "self._union.update(numbers.corrected)",
        "pass",
        _AS_DIALLED + "[00 before the code]",
    ),
    GuardMutant(
        "forgets numbers of a list with a 0 for the country code",
        "audience/exclusion.py",
        "self._national |= numbers.numbers.numbers | numbers.stripped",
        "self._national |= numbers.numbers.numbers",
        _AS_DIALLED + "[a German number as at home]",
    ),
    GuardMutant(
        "forgets the digits that are dialled before a number at home",
        "audience/exclusion.py",
        "prefixes = {0, int(prefix)} if prefix and prefix != code else {0}",
        "prefixes = {0}",
        _AS_DIALLED + "[the 8 of Russia]",
    ),
    GuardMutant(
        "looks for home numbers only in contacts of one country",
        "audience/exclusion.py",
        "listed.update(number for number in numbers if self._is_national(self._forms(str(number))))",
        "pass",
        _SEVERAL + "[3]",
    ),
    GuardMutant(
        "accepts numbers of an exclude list that look American",
        "rules/suppressed_contact.py",
        "if lookalikes.code in codes or excluded.removed_nationally:",
        "if False:",
        _AS_DIALLED + "[valid in New Zealand]",
    ),
    GuardMutant(
        "loses rows of an exclude list in a cell",
        "audience/exclusion.py",
        "if any(map(_may_hide_rows, (cell for _, cell in cells))):",
        "if False:",
        _EXCLUDE + "test_rows_of_a_list_that_a_quote_hides_are_an_error[numbers as at home]",
    ),
    GuardMutant(
        "reads one of two columns of numbers",
        "audience/exclusion.py",
        "if len(both) > 1:",
        "if False:",
        _EXCLUDE + "test_a_list_with_two_columns_of_numbers_is_refused[contactId,phoneNumber]",
    ),
    GuardMutant(
        "sends unreadable numbers as they are written",
        "audience/columnar_contacts.py",
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
