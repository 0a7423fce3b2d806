"""Defects of the guards of one run: bodies, threads, the spool, the disk, and calls of git."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_TEST: Final = "test_run_guards.py::"
_STORE: Final = "test_contact_store.py::"

MUTANTS: Final = (
    GuardMutant(
        "does not compare the digest of stored contacts",
        "audience/contact_store.py",
        "if hashlib.sha256(lines).digest() != digest:",
        "if hashlib.sha256(lines).digest() == b'':",
        _STORE + "test_contacts_of_another_plan_are_not_posted",
    ),
    GuardMutant(
        "keeps the contacts in a file with a name",
        "audience/contact_store.py",
        "tempfile.TemporaryFile(buffering=0)",
        "tempfile.NamedTemporaryFile(buffering=0)",
        _STORE + "test_a_killed_run_leaves_no_contacts_behind",
    ),
    GuardMutant(
        "does not notice that a list changed",
        "audience/contact_store.py",
        "if _stat(path) != state.stat",
        "if not state.shown",
        _STORE + "test_a_list_that_changes_after_the_plan_is_sent_as_planned",
    ),
    GuardMutant(
        "stores the contacts of a send that waits",
        "rules/_lib/list_scans.py",
        "if is_open and not is_too_early(send, self._context.now)]",
        "if is_open]",
        _STORE + "test_a_send_that_waits_is_not_stored",
    ),
    GuardMutant(
        "treats an unexpected exception of a post as a refusal",
        "driver/thread_driver.py",
        "Outcome(Verdict.UNKNOWN, OutcomeReason.INTERNAL_ERROR, evidence)",
        "Outcome(Verdict.REFUSED, OutcomeReason.INTERNAL_ERROR, evidence)",
        _TEST + "test_an_unexpected_exception_of_a_post_is_unknown",
    ),
    GuardMutant(
        "does not wait for its posts",
        "driver/thread_driver.py",
        "self._posting.shutdown(wait=self._interrupts <= 1)",
        "self._posting.shutdown(wait=False)",
        _TEST + "test_the_end_of_a_run_waits_for_its_posts",
    ),
    GuardMutant(
        "empties the spool at each outcome",
        "outcome_spool.py",
        "os.O_APPEND",
        "os.O_TRUNC",
        _TEST + "test_a_spool_keeps_every_line",
    ),
    GuardMutant(
        "writes to a spool that was removed",
        "outcome_spool.py",
        "os.fstat(self._handle).st_nlink == 0",
        "self.path is None",
        _TEST + "test_a_spool_that_was_removed_is_created_again",
    ),
    GuardMutant(
        "keeps a connection that broke",
        "acoustic/connections.py",
        "if connection.start_next():\n",
        "if connection.start_next() or connection:\n",
        "test_acoustic_transport.py::test_connection_after_a_cut_off_answer",
    ),
    GuardMutant(
        "uses a connection again after a part of a request",
        "acoustic/http_connection.py",
        "        with suppress(httpcore.WriteError):\n"
        "            self._stream.write(content, self._limits.write)\n"
        "            self._http.send(h11.EndOfMessage())\n",
        "        self._http.send(h11.EndOfMessage())\n"
        "        with suppress(httpcore.WriteError):\n"
        "            self._stream.write(content, self._limits.write)\n",
        "test_acoustic_transport.py::test_a_request_that_was_cut_off_is_the_last_of_its_connection",
    ),
    GuardMutant(
        "opens more connections than it may",
        "acoustic/connections.py",
        "if not self._free.acquire(timeout=seconds):",
        "if self._free.acquire(timeout=seconds) is None:",
        "test_acoustic_transport.py::test_no_free_connection",
    ),
    GuardMutant(
        "prints results in the thread that sends",
        "cli/_lib/progress.py",
        "        self._results.put(result)\n",
        "        self._display.show([result])\n",
        "test_progress.py::test_a_terminal_that_stops_delays_no_request",
    ),
    GuardMutant(
        "does not flush the directory on the real disk",
        "ledger/filesystem.py",
        "handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)\n        try:\n"
        "            self._flush(handle)\n",
        "handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)\n        try:\n"
        "            pass\n",
        _TEST + "test_the_directory_is_flushed_on_the_real_disk",
    ),
    GuardMutant(
        "lets git inherit the settings of another repository",
        "ledger/git_process.py",
        'not name.startswith(("GIT_", _SECRETS_PREFIX))',
        "not name.startswith(_SECRETS_PREFIX)",
        _TEST + "test_git_inherits_no_settings_of_another_repository",
    ),
    GuardMutant(
        "runs the hooks of the clone",
        "ledger/git_process.py",
        '    "core.hooksPath=/dev/null",\n',
        "",
        _TEST + "test_no_hook_of_the_clone_runs",
    ),
    GuardMutant(
        "runs git in its own session",
        "ledger/git_process.py",
        "start_new_session=True",
        "start_new_session=False",
        _TEST + "test_git_runs_in_a_session_of_its_own",
    ),
    GuardMutant(
        "does not compare earlier results with the ledger",
        "apply.py",
        "if result.state is RequestState.SENT or known.get(result.key, result.state) is result.state",
        "if result.state or known",
        "test_other_clocks.py::test_a_result_that_the_ledger_contradicts_is_not_in_the_receipt",
    ),
    GuardMutant(
        "counts a request as started after its first write",
        "acoustic/network_backend.py",
        "            exchange.request_started = True\n"
        "            unsent = unsent[self._send(unsent[:_CHUNK_BYTES], seconds) :]\n",
        "            unsent = unsent[self._send(unsent[:_CHUNK_BYTES], seconds) :]\n"
        "            exchange.request_started = True\n",
        _TEST + "test_a_write_counts_from_its_start",
    ),
    GuardMutant(
        "reads the lockfile before the journal",
        "ledger/file_ledger.py",
        "journal = self._read_file(self.journal)\n        lockfile = self._read_file(self.lockfile)\n",
        "lockfile = self._read_file(self.lockfile)\n        journal = self._read_file(self.journal)\n",
        _TEST + "test_a_ledger_is_read_whole_while_a_run_ends",
    ),
)
