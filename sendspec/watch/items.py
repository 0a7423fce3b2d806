"""What needs a person: frozen items with reason codes, and the limits that decide about them."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime

    from sendspec.model import PlanReason, RequestKey, RequestRecord, VendorJob

_DAY: Final = timedelta(days=1)


class WatchReason(StrEnum):
    """Why something needs a person, the most serious first."""

    PLAN_FAILED = "plan-failed"
    """The specs cannot be planned, so no run sends anything of them."""
    JOB_REMOVED = "job-removed"
    """The vendor will start a send job, and the specs do not have its send."""
    JOB_EDITED = "job-edited"
    """The vendor will start a send job whose send was edited afterwards."""
    JOB_REPLACED = "job-replaced"
    """The vendor will start a send job of an earlier revision, beside that of the newest one."""
    UNKNOWN = "unknown"
    """It is not known whether the vendor accepted requests; a person must settle them."""
    NO_LEGAL_HOUR = "no-legal-hour"
    """The send waits for a legal hour, and none comes before it expires, or in the next eight days."""
    BLOCKED = "blocked"
    """Findings of level error block the send, or the whole plan."""
    PARTIAL = "partial"
    """A part of the send was sent, and no run sent the rest."""
    NEVER_SENT = "never-sent"
    """The send is due and nothing blocks it, and no run sent it."""
    EDITED = "edited"
    """The specs differ from what was sent, and the revision was not raised, so the edit has no effect."""
    EXPIRED = "expired"
    """The send expired before all of its recipients were sent to."""
    UNSETTLED = "unsettled"
    """The ledger does not have the final delivery status of accepted requests."""
    BRANCH_UNPROTECTED = "branch-unprotected"
    """GitHub does not refuse to overwrite, or to delete, the branch of the ledger."""


class BranchState(StrEnum):
    """What is known of the protection of a ledger branch."""

    PROTECTED = "protected"
    """GitHub refuses force pushes and deletion."""
    UNPROTECTED = "unprotected"
    """GitHub does not refuse one of the two, or both."""
    NO_TOKEN = "no-token"  # noqa: S105 - a code, not a secret
    """GitHub was not asked, because GITHUB_TOKEN is not set."""
    OTHER_REPOSITORY = "other-repository"
    """GitHub was not asked, because the branch is not in the repository of GITHUB_REPOSITORY."""
    NOT_READABLE = "not-readable"
    """GitHub did not answer, or the token may not read the settings."""


class BranchCheck(Struct, frozen=True):
    """The protection of a ledger branch; `evidence` is the masked error of a call that failed."""

    state: BranchState
    allows_force_pushes: bool = False
    allows_deletion: bool = False
    evidence: str | None = None


class WatchLimits(Struct, frozen=True):
    """How long something may take before it needs a person.

    `closing` is the time before a send expires in which its left recipients are urgent. Expired sends and
    unsettled transactions that are older than `forgotten` are not reported: nothing follows from them.
    """

    unsent: timedelta = _DAY
    unknown: timedelta = _DAY
    unsettled: timedelta = _DAY
    closing: timedelta = _DAY
    forgotten: timedelta = 30 * _DAY


class WatchItem(Struct, frozen=True):
    """One thing that needs a person.

    `since` is when it could have been done, or when it happened; with `since_is_limit` it was then or
    earlier, because the clone does not have older commits. `until` is the last instant for what is left of a
    send, or when the vendor starts the job; `is_closing` means that it is close. `recipients` are those that
    are left, of `recipients_all`; None if only the vendor knows them. `requests` are the requests concerned,
    `job` is the send job, and `attempt` the last request of the send that was not sent. `rules` block it.
    `blocked_by` are the sends with these errors, if they block the whole plan and are not about this send; it
    is empty if they are about the project, and None otherwise.
    `plan_reason` is what a plan says about it. `problems` counts those of the specs.
    `branch` is that of the ledger.
    """

    reason: WatchReason
    address: str | None = None
    since: datetime | None = None
    since_is_limit: bool = False
    until: datetime | None = None
    is_closing: bool = False
    recipients: int | None = None
    recipients_all: int | None = None
    requests: tuple[RequestKey, ...] = ()
    job: VendorJob | None = None
    attempt: RequestRecord | None = None
    rules: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] | None = None
    plan_reason: PlanReason | None = None
    problems: int = 0
    branch: BranchCheck | None = None


class WatchResult(Struct, frozen=True):
    """The items of one target, the most urgent first, as of `at` (aware).

    `branch` is the protection of the ledger branch, None for a ledger in files.
    """

    target: str
    at: datetime
    items: tuple[WatchItem, ...] = ()
    branch: BranchCheck | None = None
