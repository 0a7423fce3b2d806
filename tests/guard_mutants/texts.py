"""Defects of the rules that block texts which carriers or laws do not allow."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_CASE: Final = "test_rules.py::test_a_case_has_exactly_its_expected_findings"

MUTANTS: Final = (
    GuardMutant(
        "accepts a keyword without an instruction as an opt-out",
        "text_content/opt_out.py",
        "near = len(plain) if keyword is None else max(0, keyword.start() - _VERB_BEFORE)",
        "near = len(plain) if keyword is None else 0\n    if keyword is not None:\n        return True",
        f"{_CASE}[opt-out-missing/bad]",
    ),
    GuardMutant(
        "relies on a default that recipients override",
        "rules/_lib/readable_text.py",
        "applied = {tag: text for tag, text in defaults.items() if _applies_to_all(checked_send, tag)}",
        "applied = dict(defaults)",
        f"{_CASE}[opt-out-missing/bad]",
    ),
    GuardMutant(
        "accepts a subdomain of a public shortener",
        "text_content/shorteners.py",
        "for start in range(len(labels) - 1):",
        "for start in range(1):",
        f"{_CASE}[public-shortener/bad]",
    ),
)
