"""Defects of when a job is repeated, which one of two checks prevents in the simulation."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

MUTANTS: Final = (
    GuardMutant(
        "records the intent of a job that is too old to repeat",
        "protocol/machine.py",
        "if not request.is_window_open(now) or request.is_too_old_to_repeat(now):",
        "if not request.is_window_open(now):",
        "test_protocol.py::test_a_job_is_not_repeated_after_a_day",
    ),
    GuardMutant(
        "posts a job that became too old while it waited",
        "protocol/machine.py",
        "        if request.is_too_old_to_repeat(now):\n            return",
        "        if not request.job.batches:\n            return",
        "test_protocol.py::test_a_day_that_ends_while_a_repetition_waits",
    ),
    GuardMutant(
        "lets the first byte of a job leave after the day",
        "protocol/request.py",
        "ends = (end, self.job.not_after, legal_end, self._repeatable_until)",
        "ends = (end, self.job.not_after, legal_end)",
        "test_protocol.py::test_a_day_that_ends_while_a_repetition_waits",
    ),
    GuardMutant(
        "plans a job that is too old to repeat",
        "repeat_window.py",
        "if any(is_too_old(request.first_at, now) for request in requests):",
        "if not requests:",
        "test_repetitions.py::test_reasons_not_to_repeat",
    ),
    GuardMutant(
        "waits for a repetition that would be too late",
        "protocol/request.py",
        "return wall < latest.wall and now.tick + seconds < latest.elapsed",
        "return wall < latest.wall or now.tick + seconds < latest.elapsed",
        "test_protocol.py::test_a_repetition_that_would_be_too_late_does_not_keep_the_run",
    ),
    GuardMutant(
        "waits for hours after a clock was set back",
        "protocol/request.py",
        "now.tick + min(max(left, 0.0), self.repeat_pause)",
        "now.tick + max(left, 0.0)",
        "test_protocol.py::test_a_repetition_of_an_earlier_run_waits",
    ),
    GuardMutant(
        "repeats a job without a pause on any loopback address",
        "repeat_window.py",
        "return REPEAT_PAUSE_SECONDS_MIN if target.is_real else 0.0",
        'return 0.0 if "127.0.0.1" in str(target.base_url) else REPEAT_PAUSE_SECONDS_MIN',
        "test_repetitions.py::test_only_a_sandbox_is_repeated_immediately",
    ),
    GuardMutant(
        "counts the day of a merge from the later attempt",
        "ledger/merge.py",
        "return replace(kept, since=first_at) if first_at < kept.first_at else kept",
        "return kept",
        "test_ledger_merge.py::test_the_first_attempt_of_two_open_versions_counts",
    ),
    GuardMutant(
        "restores a job without its first attempt",
        "outcome_log.py",
        'since=parse_timestamp(value["since"]) if "since" in value else None,',
        "since=None,",
        "test_outcome_log.py::test_a_job_that_is_restored_keeps_its_first_attempt",
    ),
    GuardMutant(
        "does not mark its intents with its run",
        "ledger/git_session.py",
        "entries = with_run(entries, self.run)",
        "entries = list(entries)",
        "test_ledger_contract.py::test_an_intent_has_the_name_of_its_run[git]",
    ),
)
