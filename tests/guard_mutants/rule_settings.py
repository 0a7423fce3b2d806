"""Defects of the settings of rules: levels that would let an error pass, and data that must not be in git."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_ENGINE: Final = "test_rules_engine.py::"
_TRACKED: Final = "test_tracked_files.py::"

MUTANTS: Final = (
    GuardMutant(
        "puts the level of a group before that of its rule",
        "rules/_lib/settings.py",
        "for name in (rule.id, rule.group):",
        "for name in (rule.group, rule.id):",
        _ENGINE + "test_a_group_sets_the_level_of_its_rules[on again]",
    ),
    GuardMutant(
        "raises notes to the level of their group",
        "rules/_lib/settings.py",
        "(name == rule.id or level is not Level.INFO)",
        "name",
        _ENGINE + "test_a_group_does_not_raise_notes[not raised]",
    ),
    GuardMutant(
        "takes an unknown visibility for public",
        "cli/_lib/ci.py",
        'private, visibility = repository["private"],',
        'private, visibility = repository.get("private", False),',
        _TRACKED + "test_a_public_repository_is_an_error[not stated]",
    ),
    GuardMutant(
        "follows a tracked link out of the project",
        "load/project_files.py",
        "os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK",
        "os.O_RDONLY | os.O_NONBLOCK",
        _TRACKED + "test_other_tracked_texts_are_read",
    ),
    GuardMutant(
        "reports a number that recipients read",
        "rules/phone_in_repository.py",
        "if number.digits not in public",
        "if number.digits",
        _TRACKED + "test_numbers_that_recipients_read_are_public",
    ),
)
