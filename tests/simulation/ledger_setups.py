"""Where a history keeps its ledger: in files of one machine, or on a branch of a remote."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast

from sendspec.ledger.codec import lockfile_bytes
from sendspec.ledger.file_ledger import FileLedger
from sendspec.ledger.git_ledger import GitLedger
from sendspec.model import LedgerState, Target
from tests.simulation.filesystem import File, ProcessDisk, Storage
from tests.simulation.remote import Clone, Remote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sendspec.ledger import Ledger
    from sendspec.ledger.git_plumbing import GitClone
    from tests.simulation.process import Process

TARGET: Final = Target("production", "https://api.example")
DIRECTORY: Final = Path("/project")
JOURNAL: Final = "sendspec.production.journal"
LOCKFILE: Final = "sendspec.production.lock"
TEMPORARY: Final = f"{LOCKFILE}.tmp"
EMPTY_LOCKFILE: Final = lockfile_bytes(LedgerState(TARGET.name, TARGET.account))
"""The lockfile that `sendspec init --ledger` writes."""


class LedgerSetup(Protocol):
    """A place for a ledger; every process reaches it in its own way."""

    excludes: bool
    """Whether one run keeps all others out."""

    def ledger(self, process: Process) -> Ledger:
        """Give the ledger as `process` reaches it."""
        ...

    def end(self, process: Process) -> None:
        """Take back what `process` held."""
        ...

    @property
    def at_risk(self) -> bool:
        """Whether a power failure could take anything."""
        ...

    def survivors(self, choose: Callable[[int], int]) -> Mapping[str, bytes]:
        """Give what a power failure would leave, as `choose` response."""
        ...

    def fail_power(self, choose: Callable[[int], int]) -> None:
        """Lose the power."""
        ...


class FileSetup(Storage):
    """`FileLedger` on a disk in memory."""

    excludes = True

    def __init__(self) -> None:
        super().__init__()
        self._ledger = FileLedger(DIRECTORY, TARGET.name, TARGET.account, must_exist=True)
        self.name(LOCKFILE, File(EMPTY_LOCKFILE, EMPTY_LOCKFILE))
        self.sync_names()

    def ledger(self, process: Process) -> Ledger:
        # Copied, since to join the four paths takes longer than many a run.
        ledger = copy(self._ledger)
        ledger.filesystem = ProcessDisk(self, process)
        return ledger

    def end(self, process: Process) -> None:
        for name, holder in list(self.locks.items()):
            if holder is process:
                del self.locks[name]


class UnlockedSetup(FileSetup):
    """The same where somebody removes the lock of a run that is alive, so that others come in."""

    excludes = False


class GitSetup(Remote):
    """`GitLedger` on a remote in memory; what a machine loses with its power is nothing of it."""

    excludes = False
    at_risk = False

    def __init__(self) -> None:
        super().__init__({LOCKFILE: EMPTY_LOCKFILE})

    def ledger(self, process: Process) -> Ledger:
        clone = cast("GitClone", Clone(self, process))
        return GitLedger(DIRECTORY, TARGET.name, TARGET.account, repository=clone, pauses=(0.0, 0.0, 0.0))

    def end(self, process: Process) -> None:
        pass

    def survivors(self, choose: Callable[[int], int]) -> Mapping[str, bytes]:  # noqa: ARG002 - see Place
        return {}

    def fail_power(self, choose: Callable[[int], int]) -> None:
        pass
