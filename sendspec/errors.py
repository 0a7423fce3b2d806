"""Every way sendspec ends early, and the exit code it ends with.

SendspecError                 1   anything a person can mend; never shown as a traceback
├── SpecError                 1   files that cannot be understood: all problems of all files at once
├── TargetError               1   a target that does not exist, or a host that tokens may not go to
├── CredentialsError          1   no credentials, or the vendor refused them
├── VendorError               1   the vendor's answer to something that sends nothing (token, status)
│   └── VendorUnavailable     1   no answer, or one that asking again later may better
│       └── VendorBusy        1   too many calls of this organisation are under way
├── LedgerError               1   the ledger cannot be read or written
│   ├── LedgerDamaged         1   damage other than a torn last line
│   ├── LedgerRaced           1   another run wrote first: nothing of ours may be posted on that basis
│   └── LedgerMissing         1   a ledger that must exist and does not: never taken for an empty one
├── Blocked                   3   findings of level error
├── PlanStale                 4   what was planned is not what would be sent now
├── Locked                    5   another run holds the ledger
├── InternalError             1   a defect of sendspec that ended a run after its first post
└── Usage                     64  the command line itself is wrong
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sendspec.model import Problem


class ExitCode(IntEnum):
    """The exit codes of every verb, as documented for scripts and workflows."""

    OK = 0
    ERROR = 1
    CHANGES = 2
    FINDINGS = 3
    STALE = 4
    LOCKED = 5
    REFUSED = 6
    UNKNOWN = 7
    USAGE = 64


class SendspecError(Exception):
    """What went wrong, and in `hint` the way out; both are sentences without a final period."""

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def code(self) -> str:
        """The name of the class in kebab-case, as receipts carry it."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(self).__name__).lower()


class SpecError(SendspecError):
    """Files that cannot be understood; carries every problem that was found, not the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = set(problems)
        self.problems = tuple(sorted(found, key=lambda one: (one.location, one.message, one.hint or "")))
        count = len(self.problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'} in the specs")


class TargetError(SendspecError):
    """A target that does not exist, or one whose host the credentials may not be sent to."""


class CredentialsError(SendspecError):
    """No credentials in the environment, or the vendor refused the ones that are there."""


class VendorError(SendspecError):
    """An answer of the vendor that leaves nothing sent and nothing unknown."""


class VendorUnavailable(VendorError):
    """The vendor cannot be reached or cannot answer at the moment; nothing was sent."""


class VendorBusy(VendorUnavailable):
    """The vendor refused because too many calls of the organisation were under way."""


class LedgerError(SendspecError):
    """The ledger cannot be read or written; nothing is sent without it."""


class LedgerCorrupt(LedgerError):
    """The ledger holds bytes that no crash of sendspec explains."""


class LedgerMissing(LedgerError):
    """The ledger does not exist where it must; a missing one is never taken for an empty one."""


class LedgerConflict(LedgerError):
    """Another run wrote first about a request of this one.

    `left_out` are the entries that were not recorded: intents, and outcomes that it made doubtful.
    """

    def __init__(self, message: str, *, hint: str | None = None, left_out: Sequence[object] = ()) -> None:
        """Say it, and which entries the ledger did not take."""
        super().__init__(message, hint=hint)
        self.left_out = left_out


class Blocked(SendspecError):
    """Findings of level error stand against the plan."""

    exit_code = ExitCode.FINDINGS


class PlanStale(SendspecError):
    """What the plan describes is not exactly what would be sent now."""

    exit_code = ExitCode.STALE


class Locked(SendspecError):
    """Another run holds the ledger."""

    exit_code = ExitCode.LOCKED


class InternalError(SendspecError):
    """A defect of sendspec ended the run; the receipt has what the run knew by then."""


class Usage(SendspecError):
    """The command line is wrong."""

    exit_code = ExitCode.USAGE
