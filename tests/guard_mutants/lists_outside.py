"""Defects of the guards of lists outside of the repository: absent, changed, or of another digest."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_TEST: Final = "test_lists_outside.py::"
_ABSENT: Final = _TEST + "test_a_send_without_its_list_is_blocked_and_the_rest_is_planned"

MUTANTS: Final = (
    GuardMutant(
        "takes an absent exclude list for an empty one",
        "render/exclude_lists.py",
        "problems.append(file)\n        else:",
        "problems.append(file)\n        elif not file.is_absent:",
        _ABSENT + "[exclude list]",
    ),
    GuardMutant(
        "sends a send without its list",
        "plan.py",
        "    if send.absent_lists:\n        return PlanReason.LIST_ABSENT\n",
        "",
        _ABSENT + "[contacts]",
    ),
    GuardMutant(
        "ends without an error although a due send has no list",
        "apply.py",
        "edits_of_finished_sends(self.plan) or self.left_out",
        "edits_of_finished_sends(self.plan)",
        _ABSENT + "[contacts]",
    ),
    GuardMutant(
        "sends the rest of a send without its list",
        "plan.py",
        "    if send.absent_lists:\n        return PlanReason.LIST_ABSENT\n",
        "    if send.absent_lists and send.revision > 1:\n        return PlanReason.LIST_ABSENT\n",
        _TEST + "test_the_rest_of_a_send_waits_for_its_list[1]",
    ),
    GuardMutant(
        "accepts a list of another digest",
        "audience/verified_copy.py",
        "if found != outside.sha256:",
        "if False:",
        _TEST + "test_another_digest_is_an_error_before_anything_else[contacts-apply]",
    ),
    GuardMutant(
        "reads a list that changed after its digest was checked",
        "audience/list_files.py",
        "place = file.path if file.outside is None else verified_copy(file, file.outside)",
        "place = file.path if file.outside is None or verified_copy(file, file.outside) else file.path",
        _TEST + "test_a_list_that_changes_after_its_digest_was_checked",
    ),
    GuardMutant(
        "lets the library read a list at its path",
        "audience/list_files.py",
        "return file.content is None and file.outside is None",
        "return file.content is None",
        _TEST + "test_a_list_that_changes_while_it_is_read[people.parquet]",
    ),
    GuardMutant(
        "follows a link out of the contacts directory",
        "load/project_files.py",
        'raise _error(path.as_posix(), "the file is outside the contacts directory", hint)',
        "return real",
        _TEST + "test_a_list_outside_of_the_contacts_directory[contacts-link.csv]",
    ),
    GuardMutant(
        "takes a list of another digest for that of the base",
        "model/sends.py",
        "return (str(self.path), None if self.outside is None else self.outside.sha256)",
        "return (str(self.path), None)",
        _TEST + "test_the_next_list_under_the_same_name",
    ),
    GuardMutant(
        "asks reviewers for an apply that sends nothing",
        "report/github/step_outputs.py",
        "_flag(bool(plan.to_send or plan.moves)",
        "_flag(bool(plan.to_send or plan.moves or without)",
        _TEST + "test_a_plan_that_decides_about_an_apply",
    ),
    GuardMutant(
        "lets the settings of a project hide a required list",
        "cli/plan.py",
        "        plan = with_required_lists(plan)\n",
        "        pass\n",
        _TEST + "test_a_plan_that_decides_about_an_apply",
    ),
    GuardMutant(
        "blocks all sends because of one absent list",
        "rules/list_absent.py",
        "    blocks_only_its_send = True\n",
        "",
        _TEST + "test_an_exception_of_the_rule_does_not_unblock",
    ),
)
