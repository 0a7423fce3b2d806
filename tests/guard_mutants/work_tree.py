"""Defects of the guards of a work tree: what a commit must not make git do."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_TEST: Final = "test_work_tree.py::"

MUTANTS: Final = (
    GuardMutant(
        "takes a folder with the files of a repository for a part of the work tree",
        "ledger/safe_git_directory.py",
        "all((folder / name).exists() for name in _REPOSITORY_FILES)",
        "False",
        _TEST + "test_files_of_a_commit_are_not_taken_for_a_repository",
    ),
    GuardMutant(
        "passes the credentials to git",
        "ledger/git_process.py",
        'not name.startswith(("GIT_", _SECRETS_PREFIX))',
        'not name.startswith("GIT_")',
        _TEST + "test_git_gets_no_credentials",
    ),
    GuardMutant(
        "lets git skip the check of the owner",
        "ledger/git_process.py",
        "if checked.returncode != 0:",
        "if False:",
        _TEST + "test_a_clone_of_another_owner_is_refused_in_the_words_of_git",
    ),
    GuardMutant(
        "accepts an old git",
        "ledger/git_process.py",
        "if _numbers(version) < VERSION_MIN:",
        "if False:",
        _TEST + "test_an_old_git_is_refused",
    ),
    GuardMutant(
        "lets pushes of the branch that is checked out send",
        "ledger/git_process.py",
        'return recorded.decode(errors="replace").strip().removeprefix("refs/remotes/origin/") or None',
        'return git.call(("branch", "--show-current"), None).stdout.decode().strip() or None',
        "test_cli_init_github.py::test_a_clone_of_an_empty_repository",
    ),
)
