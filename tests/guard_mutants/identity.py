"""Defects of the guards of identity: spellings of one value, and lookalikes of another."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_TEST: Final = "field/test_identity.py::"

MUTANTS: Final = (
    GuardMutant(
        "accepts a value that looks like another one",
        "load/project.py",
        "if character := refused_character(str(value)):",
        "if character := refused_character(''):",
        _TEST + "test_a_value_that_looks_like_another_one_is_refused",
    ),
    GuardMutant(
        "keeps the order of axes in the file",
        "load/project.py",
        'for axis, values in sorted(send.get("matrix", {}).items())',
        'for axis, values in send.get("matrix", {}).items()',
        _TEST + "test_another_spelling_of_a_matrix_sends_nothing",
    ),
    GuardMutant(
        "keeps the Unicode form of a value",
        "load/address_values.py",
        'return text if text.isascii() else unicodedata.normalize("NFC", text)',
        "return text",
        _TEST + "test_the_ledger_of_an_older_version_is_recognised",
    ),
    GuardMutant(
        "compares the text of a renamed send only",
        "compare.py",
        "return stretched_digest(recorded.salt or address, facts.digest) == recorded.digest",
        "return recorded.salt is not None",
        _TEST + "test_a_rename_after_the_send_is_an_error",
    ),
    GuardMutant(
        "sends a former address to two sends",
        "identity/matching.py",
        "if owner is not send:",
        "if owner is None:",
        _TEST + "test_a_record_belongs_to_one_send",
    ),
)
