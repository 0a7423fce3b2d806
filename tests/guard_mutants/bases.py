"""Defects of the guards of `plan --against`: what a name or a commit must not do, and wrong comparisons."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_TEST: Final = "test_against_bases.py::"

MUTANTS: Final = (
    GuardMutant(
        "passes a name that looks like an option to git",
        "base_specs/open_base.py",
        ' or name.startswith("-")',
        "",
        _TEST + "test_names_that_are_refused",
    ),
    GuardMutant(
        "compares with the tip of a ref",
        "base_specs/open_base.py",
        "start = commit if head is None else reader.merge_base(commit, head)",
        "start = commit",
        _TEST + "test_what_main_did_since_is_left_out_and_counted",
    ),
    GuardMutant(
        "compares with the tip if the clone does not have the common commit",
        "base_specs/open_base.py",
        "head is not None and commit in reader.raw_commit(head).parents",
        "head is not None",
        _TEST + "test_a_clone_without_the_common_history",
    ),
    GuardMutant(
        "takes a list that differs for the file on disk",
        "base_specs/commit_files.py",
        "if git_object_of(path, blob) == blob:",
        "if path.is_file():",
        "test_against.py::test_people_are_compared_exactly",
    ),
    GuardMutant(
        "counts people of an exclude list as removed only",
        "plan_difference/list_comparison.py",
        "people_difference(before, people, old, new)",
        "people_difference(before, people, None, None)",
        "test_against.py::test_people_are_compared_exactly",
    ),
    GuardMutant(
        "runs the query of a cancelled send",
        "plan_difference/list_comparison.py",
        " and not isinstance(send.contacts, ContactQuery):",
        ":",
        "test_against.py::test_no_query_of_the_base_is_run",
    ),
    GuardMutant(
        "says that the base would send what a rule blocks there",
        "plan_difference/carried_sends.py",
        "if base.blocking_rules:",
        "if False:",
        "test_against.py::test_a_rule_that_is_turned_off_releases_what_it_blocked",
    ),
    GuardMutant(
        "says that the base would send what an error about another send blocks there",
        "plan_difference/carried_sends.py",
        "elif self.base.blocked_by:",
        "elif False:",
        "test_against.py::test_the_repair_or_the_end_of_another_send_releases_the_rest",
    ),
    GuardMutant(
        "says nothing about newer commits that cancel a send",
        "plan_difference/carried_sends.py",
        "if base.send.campaign in self.changed_since:",
        "if False:",
        "test_against.py::test_a_campaign_that_main_has_changed_since_is_named",
    ),
    GuardMutant(
        "says that the base would send what was not checked there",
        "plan_difference/carried_sends.py",
        "Cause(CauseKind.PENDING_IN_BASE, self.base.unchecked)",
        "Cause(CauseKind.PENDING_IN_BASE)",
        "test_against.py::test_rules_that_cannot_run_on_the_base_are_named",
    ),
    GuardMutant(
        "names the country of a single person",
        "audience/people_difference.py",
        "if count >= GROUP_SIZE_MIN]",
        "if count]",
        "test_against.py::test_people_are_compared_exactly",
    ),
)
