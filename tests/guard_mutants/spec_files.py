"""Defects of the guards of specs that `fmt` rewrites."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

MUTANTS: Final = (
    GuardMutant(
        "replaces characters in other properties",
        "fmt/twin_trial.py",
        "rest[0] == rest[1]",
        "True",
        "test_fmt_fix.py::test_what_a_person_must_change",
    ),
    GuardMutant(
        "replaces characters in conditions",
        "fmt/twin_trial.py",
        "and all(_may_become(text, new_texts[path]) for path, text in texts.items())",
        "",
        "test_fmt_fix.py::test_what_a_person_must_change",
    ),
    GuardMutant(
        "replaces characters in texts that the rule does not report",
        "fmt/twin_trial.py",
        "may_differ=old.address in addresses",
        "may_differ=True",
        "test_fmt_fix.py::test_a_variable_that_another_text_has",
    ),
    GuardMutant(
        "replaces characters in the texts of sends that are sent",
        "cli/fmt.py",
        "sent = reported & _sent_addresses(checked.project)",
        "sent = set()",
        "test_fmt_fix.py::test_a_send_that_is_sent",
    ),
    GuardMutant(
        "writes over a file that another program changed",
        "cli/_lib/spec_files.py",
        "if real.read_bytes() != before:",
        "if False:",
        "test_fmt.py::test_a_file_that_changes_meanwhile",
    ),
)
