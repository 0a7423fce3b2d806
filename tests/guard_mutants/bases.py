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
        "names the country of a single person",
        "audience/people_difference.py",
        "if count >= GROUP_SIZE_MIN]",
        "if count]",
        "test_against.py::test_people_are_compared_exactly",
    ),
)
