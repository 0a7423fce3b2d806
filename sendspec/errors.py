"""Exceptions of sendspec, each with the exit code that it ends a verb with.

SendspecError                 1   an error that a person can fix; never shown as a traceback
├── SpecError                 1   files that cannot be understood, with all problems of all files
├── TargetError               1   unknown target, or a host that may not receive credentials
├── CredentialsError          1   credentials are missing, or the vendor refused them
├── VendorError               1   the vendor refused a call that sends nothing (token, status)
│   └── VendorUnavailable     1   the vendor does not answer; a later call may succeed
│       └── VendorBusy        1   the organisation has too many calls in flight
├── LedgerError               1   the ledger cannot be read or written
│   ├── LedgerCorrupt         1   the ledger has damage that a crash does not explain
│   ├── LedgerConflict        1   another run wrote first; this run must not post on its own reading
│   ├── SentTwice             1   two runs recorded an acceptance of one request
│   └── LedgerMissing         1   the ledger does not exist; never treated as an empty ledger
├── Blocked                   3   findings of level error
├── ListAbsent                3   a due send whose list this machine does not have
├── PlanStale                 4   the saved plan differs from what would be sent now
├── Locked                    5   another run holds the ledger
├── InternalError             1   a defect of sendspec that ended a run after its first post
└── Usage                     64  the command line is wrong
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sendspec.model import Problem


class ExitCode(IntEnum):
    """Exit codes of every verb, documented for scripts and workflows."""

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
    """An error that a person can fix: a message and a `hint`, sentences without a final period."""

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def code(self) -> str:
        """The name of the class in kebab-case, as receipts carry it."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(self).__name__).lower()


class SpecError(SendspecError):
    """Files that cannot be understood; `problems` has every problem, sorted by location."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.location, p.message, p.hint or "")))
        count = len(self.problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'} in the specs")


class TargetError(SendspecError):
    """A target that does not exist, or whose host may not receive credentials."""


class CredentialsError(SendspecError):
    """Credentials are missing from the environment, or the vendor refused them."""


class VendorError(SendspecError):
    """The vendor refused a call that cannot send anything."""


class VendorUnavailable(VendorError):
    """The vendor cannot be reached or does not answer; nothing was sent."""


class VendorBusy(VendorUnavailable):
    """The vendor refused because the organisation had too many calls in flight."""


class GitHubError(SendspecError):
    """GitHub refused a call; `status` is that of its answer, None if there is none."""

    def __init__(self, message: str, *, status: int | None = None, hint: str | None = None) -> None:
        """Store the message, the hint and the status."""
        super().__init__(message, hint=hint)
        self.status = status


class GitHubUnavailable(GitHubError):
    """GitHub gave no usable answer; `may_be_done` is whether it may have done what the call asked for."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        may_be_done: bool = False,
        hint: str | None = None,
    ) -> None:
        """Store the message, the hint, the status, and whether the call may be done."""
        super().__init__(message, status=status, hint=hint)
        self.may_be_done = may_be_done


class LedgerError(SendspecError):
    """The ledger cannot be read or written; sendspec never sends without it."""


class LedgerCorrupt(LedgerError):
    """The ledger has damage that a crash of sendspec does not explain."""


class LedgerMissing(LedgerError):
    """The ledger does not exist; it is never treated as an empty ledger."""


class SentTwice(LedgerError):
    """Two runs recorded an acceptance of one request, each with its own id."""


class LedgerConflict(LedgerError):
    """Another run wrote first about a request of this run.

    `left_out` has the entries that the ledger did not record: intents, and outcomes now in doubt.
    """

    def __init__(self, message: str, *, hint: str | None = None, left_out: Sequence[object] = ()) -> None:
        """Store the message and the entries that the ledger did not record."""
        super().__init__(message, hint=hint)
        self.left_out = left_out


class Blocked(SendspecError):
    """Findings of level error block the plan."""

    exit_code = ExitCode.FINDINGS


class ListAbsent(SendspecError):
    """A run left out the due send of `address`, because its machine does not have a list of it."""

    exit_code = ExitCode.FINDINGS

    def __init__(self, message: str, *, address: str, hint: str | None = None) -> None:
        """Store the message, the address of the send, and the hint."""
        super().__init__(message, hint=hint)
        self.address = address


class PlanStale(SendspecError):
    """The saved plan differs from what would be sent now."""

    exit_code = ExitCode.STALE


class Locked(SendspecError):
    """Another run holds the ledger."""

    exit_code = ExitCode.LOCKED


class InternalError(SendspecError):
    """A defect of sendspec ended the run; the receipt has what the run knew by then."""


class Usage(SendspecError):
    """The command line is wrong."""

    exit_code = ExitCode.USAGE
