"""Defects of what an operator relies on: forgotten sends that stay silent, and numbers that get public."""

from __future__ import annotations

from typing import Final

from tests.guard_mutants.guard_mutant import GuardMutant

_WATCH: Final = "test_watch.py::"
_ROWS: Final = "test_status_rows.py::"

MUTANTS: Final = (
    GuardMutant(
        "counts a send from its commit instead of its merge",
        "cli/_lib/file_dates.py",
        'followed = ("--first-parent",) if of_merge else ()',
        "followed = ()",
        _WATCH + "test_the_time_of_the_merge_counts",
    ),
    GuardMutant(
        "counts a part that is left from the merge",
        "watch/send_items.py",
        "record = planned.record if is_sent_in_part(planned) else None",
        "record = None",
        _WATCH + "test_a_part_that_is_left",
    ),
    GuardMutant(
        "does not report a send without a legal hour",
        "watch/send_items.py",
        "first is None or (send.not_after is not None and first >= send.not_after)",
        "first is None",
        _WATCH + "test_legal_hours",
    ),
    GuardMutant(
        "does not report a job of a removed send",
        "watch/request_items.py",
        "        return WatchReason.JOB_REMOVED",
        "        return None",
        _WATCH + "test_jobs_at_the_vendor",
    ),
    GuardMutant(
        "takes an event without a repository for a private one",
        "cli/_lib/personal_outputs.py",
        'if is_public is None and os.environ.get("GITHUB_ACTIONS"):',
        "if False:",
        _ROWS + "test_a_public_repository_keeps_no_numbers",
    ),
    GuardMutant(
        "takes a query that the vendor refused for a later answer",
        "cli/status.py",
        "(StatusReason.PROCESSING, StatusReason.NOT_FOUND_YET)",
        "(*StatusReason,)",
        _ROWS + "test_a_run_on_a_schedule_is_green_while_the_vendor_works",
    ),
)
