"""Defects of the guards of a selection: what `--send` must not send, and the limit of sends."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_TEST: Final = "test_cli_selection.py::"

MUTANTS: Final = (
    GuardMutant(
        "leaves the selection out of the digest",
        "plan_digest.py",
        'selected = {"selection": patterns} if patterns else {}',
        "selected: dict[str, object] = {}",
        _TEST + "test_a_saved_selection_sends_only_that",
    ),
    GuardMutant(
        "applies the whole project instead of the saved selection",
        "cli/apply.py",
        "return plan_file.selection",
        "return selection",
        _TEST + "test_a_saved_selection_sends_only_that",
    ),
    GuardMutant(
        "reads brackets of an address as a set of characters",
        "selection.py",
        '.replace("[", "[[]")',
        "",
        _TEST + "test_the_meaning_of_a_pattern",
    ),
    GuardMutant(
        "leaves out a broken file that a pattern may select",
        "load/project.py",
        "blocks = selection.may_include(_name_of_broken_campaign(reader, path))",
        "blocks = not selection.is_partial",
        _TEST + "test_an_error_of_a_selected_send_blocks_it",
    ),
)
