"""Defects of the guards of ledger files and branches: merges, digests, damage."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_MERGE: Final = "test_ledger_merge.py::"
_FILE: Final = "test_ledger_file.py::"
_CARRY: Final = "test_ledger_carry_over.py::"
_OTHERS: Final = "test_other_projects.py::"
_IDENTITY: Final = "test_ledger_identity.py::"
_REMOTE: Final = "test_ledger_remote.py::"

MUTANTS: Final = (
    GuardMutant(
        "takes a decimal number of a lockfile for an integer",
        "ledger/codec.py",
        "msgspec.json.Decoder(float_hook=_refuse_decimal)",
        "msgspec.json.Decoder()",
        "test_ledger_codec.py::test_a_decimal_number_is_not_an_integer_of_a_lockfile[batch]",
    ),
    GuardMutant(
        "reads a lockfile in which a key is duplicated",
        "ledger/codec.py",
        "return value if orjson.dumps(value, option=_CANONICAL) == content else None",
        "return value",
        "test_ledger_codec.py::test_a_key_twice_is_found_in_any_layout",
    ),
    GuardMutant(
        "believes an edited lockfile",
        "ledger/codec.py",
        "if not accept_edits and is_edited(content, names):",
        "if False:",
        _MERGE + "test_an_edited_lockfile_is_noticed",
    ),
    GuardMutant(
        "lets a later refusal replace an open request of the other version",
        "ledger/merge.py",
        "(request.state.is_open, request.at, request.state.value)",
        "(request.at, request.state.is_open, request.state.value)",
        _MERGE + "test_a_request_is_not_sent_again_because_of_a_merge",
    ),
    GuardMutant(
        "takes the change of one version although the other has an acceptance",
        "ledger/merge.py",
        "    if acceptances:\n        return acceptances[0]\n",
        "",
        _MERGE + "test_a_request_is_not_sent_again_because_of_a_merge",
    ),
    GuardMutant(
        "keeps one of two acceptances",
        "ledger/merge.py",
        "return _merge_acceptances(one, other)",
        "return one",
        _MERGE + "test_two_acceptances_are_both_kept",
    ),
    GuardMutant(
        "merges two contents of one revision",
        "ledger/merge.py",
        "    if all(sent):",
        "    if False:",
        _MERGE + "test_a_send_with_two_contents_is_not_merged",
    ),
    GuardMutant(
        "guesses the sides of incomplete markers",
        "ledger/file_damage.py",
        "return None if any(map(has_conflict, sides)) else (sides[0], sides[1])",
        "return (sides[0], sides[1])",
        _MERGE + "test_incomplete_markers_are_not_merged",
    ),
    GuardMutant(
        "plans with an empty ledger beside a full one",
        "cli/_lib/context.py",
        "    refuse_unknown_requests(project, target, ledger, state)\n",
        "",
        _CARRY + "test_an_empty_ledger_beside_a_full_one_is_refused[file to git]",
    ),
    GuardMutant(
        "applies with an empty ledger beside a full one",
        "cli/_lib/sending_run.py",
        "        refuse_unknown_requests(self._project, self._target, self._ledger, state)\n",
        "",
        _CARRY + "test_an_empty_ledger_beside_a_full_one_is_refused[renamed file]",
    ),
    GuardMutant(
        "creates an empty ledger beside a full one",
        "ledger/carry_over.py",
        "initial = merge_versions(versions) if versions else empty_state",
        "initial = empty_state",
        _CARRY + "test_a_new_ledger_has_the_records_of_the_old_one[renamed git]",
    ),
    GuardMutant(
        "creates a ledger for a second target of an account without a question",
        "ledger/carry_over.py",
        "        if sent:\n",
        "        if False:\n",
        _CARRY + "test_two_targets_of_one_account",
    ),
    GuardMutant(
        "shares a ledger with another project directory",
        "cli/_lib/context.py",
        "        refuse_shared_ledger(project.directory, target.name, target.ledger_remote)\n",
        "        pass\n",
        _OTHERS + "test_every_verb_refuses_a_shared_ledger",
    ),
    GuardMutant(
        "misses a second name of the remote",
        "ledger/other_projects.py",
        "    return len(urls) == 1\n",
        "    return False\n",
        _OTHERS + "test_a_second_name_of_the_same_remote_is_seen",
    ),
    GuardMutant(
        "misses a ledger that is a mapping",
        "ledger/other_projects.py",
        "        if isinstance(ledger, dict):\n",
        "        if False:\n",
        _OTHERS + "test_every_form_of_the_other_settings_is_understood",
    ),
    GuardMutant(
        "adds the records of another project directory",
        "ledger/carry_over.py",
        "if other.project is None]",
        "if True]",
        _OTHERS + "test_the_hint_works_for_a_new_directory",
    ),
    GuardMutant(
        "creates an empty ledger although the directory may have shared one",
        "ledger/carry_over.py",
        "        if file is not None and sent:\n",
        "        if False:\n",
        _OTHERS + "test_the_hint_works_for_a_new_directory",
    ),
    GuardMutant(
        "writes the workflows of a second directory with the same target",
        "cli/_lib/github_files.py",
        "            refuse_shared_ledger(self._directory, target, remote)\n",
        "            pass\n",
        _OTHERS + "test_workflows_of_a_shared_ledger_are_not_written",
    ),
    GuardMutant(
        "takes a file in the place of the folder for a project without campaigns",
        "load/project_files.py",
        "    if not os.path.lexists(root):\n",
        "    if not os.path.isdir(root):\n",
        "test_load_project.py::test_files_that_cannot_be_read[campaigns_is_a_file]",
    ),
    GuardMutant(
        "ignores the branch after a change to files",
        "ledger/other_ledgers.py",
        "if not is_shared and target.is_real:",
        "if False:",
        _CARRY + "test_an_empty_ledger_beside_a_full_one_is_refused[git to file]",
    ),
    GuardMutant(
        "reads the ledger of a fork",
        "ledger/git_ledger.py",
        "if identity.remote != here and not self.clone.accepts(identity.id):",
        "if False:",
        _IDENTITY + "test_a_fork_with_all_branches_is_not_the_ledger",
    ),
    GuardMutant(
        "accepts any ledger once a clone has accepted one",
        "ledger/git_plumbing.py",
        'return ledger_id in done.stdout.decode(errors="replace").split()',
        "return True",
        _IDENTITY + "test_a_clone_accepts_another_url_of_the_same_repository",
    ),
    GuardMutant(
        "takes the name of a missing remote for a path",
        "ledger/git_plumbing.py",
        "            if url is None:\n                raise",
        "            if url is None:\n                return self.remote\n                raise",
        _IDENTITY + "test_a_folder_with_the_name_of_the_remote_is_not_read",
    ),
    GuardMutant(
        "ignores the commit that the branch must contain",
        "ledger/git_ledger.py",
        "if self._since is not None and not self.clone.contains(tip, self._since):",
        "if False:",
        _IDENTITY + "test_a_new_clone_notices_that_the_branch_was_moved_back",
    ),
    GuardMutant(
        "believes grafts",
        "ledger/git_process.py",
        '"GIT_GRAFT_FILE": os.devnull',
        '"SENDSPEC_NO_GRAFTS": "1"',
        _IDENTITY + "test_a_graft_does_not_hide_that_the_branch_was_moved_back",
    ),
    GuardMutant(
        "joins a lost commit without the records that only it has",
        "ledger/git_ledger.py",
        '        versions = [Version(f"commit {lost}", ledger.read_commit(lost)[0])]',
        "        versions: list[Version] = []",
        "test_ledger_rewind_guard.py::test_a_branch_that_was_moved_back_is_joined_with_what_it_lost",
    ),
    GuardMutant(
        "does not flush the drive",
        "ledger/filesystem.py",
        "if self.flush_drive is not None:",
        "if False:",
        _FILE + "test_the_drive_is_flushed",
    ),
    GuardMutant(
        "does not flush at all if the filesystem cannot flush the drive",
        "ledger/filesystem.py",
        "if error.errno not in _NOT_SUPPORTED:\n                    raise",
        "if error.errno in _NOT_SUPPORTED:\n                    return",
        _FILE + "test_the_drive_is_flushed",
    ),
    GuardMutant(
        "reads a folder of the branch as a file",
        "ledger/git_plumbing.py",
        "if mode not in _FILE_MODES or not _is_utf8(name):",
        "if not _is_utf8(name):",
        _REMOTE + "test_a_foreign_entry_in_the_folder_is_named",
    ),
)
