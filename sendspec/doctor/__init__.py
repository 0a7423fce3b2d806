"""Checks of what sendspec needs: machine, project, vendor, ledger, repository, and settings on GitHub.

Facts are read first, one module a group, and never written. Each check decides from facts alone. The
sentences about its reasons are in `sendspec.report.doctor`.
"""

from sendspec.doctor.checks import CHECKS, run_checks
from sendspec.doctor.examination import Examination
from sendspec.doctor.results import Check, CheckGroup, CheckReason, CheckResult, CheckState

__all__ = [
    "CHECKS",
    "Check",
    "CheckGroup",
    "CheckReason",
    "CheckResult",
    "CheckState",
    "Examination",
    "run_checks",
]
