"""The table of checks, in the order of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.doctor import github_checks, ledger, machine, project, vendor, work_tree

if TYPE_CHECKING:
    from sendspec.doctor.examination import Examination
    from sendspec.doctor.results import Check, CheckResult

CHECKS: Final[tuple[Check, ...]] = (
    *machine.CHECKS,
    *project.CHECKS,
    *vendor.CHECKS,
    *ledger.CHECKS,
    *work_tree.CHECKS,
    *github_checks.CHECKS,
)


def run_checks(examination: Examination) -> tuple[CheckResult, ...]:
    """Return the result of each check."""
    return tuple(check.run(examination) for check in CHECKS)
