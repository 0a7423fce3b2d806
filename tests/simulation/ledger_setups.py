"""Setups of a ledger: files of one machine, or a branch of a remote."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, cast

from sendspec.ledger.codec import lockfile_bytes
from sendspec.ledger.file_ledger import FileLedger
from sendspec.ledger.git_ledger import GitLedger
from sendspec.ledger.machine_memory import MachineMemory
from sendspec.model import LedgerState, RequestState, Target
from sendspec.structs import replace
from tests.simulation.filesystem import File, ProcessDisk, Storage
from tests.simulation.remote import Clone, Remote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sendspec.ledger import Ledger
    from sendspec.ledger.git_plumbing import GitClone
    from sendspec.model import SendRecord
    from tests.simulation.process import Process

_Ledger = TypeVar("_Ledger")

TARGET: Final = Target("production", "https://api.example")
DIRECTORY: Final = Path("/project")
STATE: Final = Path("/state")
JOURNAL: Final = "sendspec.production.journal"
LOCKFILE: Final = "sendspec.production.lock"
TEMPORARY: Final = f"{LOCKFILE}.tmp"
EMPTY_LOCKFILE: Final = lockfile_bytes(LedgerState(TARGET.name, TARGET.account))
"""The lockfile that `sendspec init --ledger` writes."""


_FILES: Final = FileLedger(DIRECTORY, TARGET.name, TARGET.account, must_exist=True)


def _counted_names() -> Callable[[], str]:
    """Return a source of run names, the same in each history, so that equal runs write equal bytes."""
    numbers = count(1)
    return lambda: f"{next(numbers):032x}"


class LedgerSetup(Protocol):
    """A ledger and what it is kept in; every process has its own view of it."""

    excludes: bool
    """Whether one run excludes all others."""
    is_locked: bool
    """Whether no person removes the lock of an active run."""

    def ledger(self, process: Process) -> Ledger:
        """Return the ledger for `process`."""
        ...

    def end(self, process: Process) -> None:
        """Release what `process` held."""
        ...

    @property
    def at_risk(self) -> bool:
        """Whether a power failure would change anything."""
        ...

    def survivors(self, choose: Callable[[int], int]) -> Mapping[str, bytes]:
        """Return the contents after a power failure, as `choose` decides."""
        ...

    def fail_power(self, choose: Callable[[int], int]) -> None:
        """Simulate a power failure."""
        ...


class FileSetup(Storage):
    """`FileLedger` on a disk in memory."""

    excludes = True
    is_locked = True

    def __init__(self) -> None:
        super().__init__()
        self._run_names = _counted_names()
        self.name(LOCKFILE, File(EMPTY_LOCKFILE, EMPTY_LOCKFILE))
        self.sync_names()

    def ledger(self, process: Process) -> Ledger:
        ledger = _copy(_FILES)
        ledger.filesystem = ProcessDisk(self, process)
        ledger.new_run_name = self._run_names
        return ledger

    def end(self, process: Process) -> None:
        for name, holder in list(self.locks.items()):
            if holder is process:
                del self.locks[name]


class RememberedSetup(FileSetup):
    """The same on a machine that remembers; the project directory can be replaced by another one."""

    def __init__(self) -> None:
        super().__init__()
        self._directory = "first"

    def ledger(self, process: Process) -> Ledger:
        disk = ProcessDisk(self, process)
        memory = MachineMemory(STATE, self._directory, LedgerState(TARGET.name, TARGET.account), disk)
        ledger = FileLedger(DIRECTORY, TARGET.name, TARGET.account, disk, must_exist=True, memory=memory)
        ledger.new_run_name = self._run_names
        return ledger

    def take_away(self) -> None:
        """Continue in another directory, whose ledger is as it was before the first run."""
        self._directory = "second"
        for name in (JOURNAL, TEMPORARY):
            self.name(name, None)
        self.name(LOCKFILE, File(EMPTY_LOCKFILE, EMPTY_LOCKFILE))
        self.sync_names()


class UnlockedSetup(FileSetup):
    """The same, for runs whose lock a person removes, so that other runs can start."""

    excludes = False
    is_locked = False


class _Branch(GitLedger):
    """`GitLedger` of a clone that saw each intent when it was written."""

    def mark_sightings(self, state: LedgerState) -> LedgerState:
        open_sends = {address: _seen(latest) for address, latest in state.sends.items() if _is_open(latest)}
        return replace(state, sends={**state.sends, **open_sends}) if open_sends else state


_BRANCH: Final = _Branch(DIRECTORY, TARGET.name, TARGET.account, pauses=(0.0, 0.0, 0.0), remembers=False)


def _copy(ledger: _Ledger) -> _Ledger:
    """Return a copy; to join the paths and quote the commands of a ledger takes longer than many runs."""
    copied = object.__new__(type(ledger))
    vars(copied).update(vars(ledger))
    return copied


def _is_open(record: SendRecord) -> bool:
    return any(request.state is RequestState.INTENT for request in record.all_requests)


def _seen(record: SendRecord) -> SendRecord:
    requests = tuple(replace(request, seen_at=request.at) for request in record.requests)
    return replace(record, requests=requests, earlier=tuple(map(_seen, record.earlier)))


class GitSetup(Remote):
    """`GitLedger` on a remote in memory, which no power failure of the machine affects."""

    excludes = False
    is_locked = True
    at_risk = False

    def __init__(self) -> None:
        super().__init__({LOCKFILE: EMPTY_LOCKFILE})
        self._run_names = _counted_names()

    def ledger(self, process: Process) -> Ledger:
        ledger = _copy(_BRANCH)
        ledger.clone = cast("GitClone", Clone(self, process))
        ledger.new_run_name = self._run_names
        return ledger

    def end(self, process: Process) -> None:
        pass

    def survivors(self, choose: Callable[[int], int]) -> Mapping[str, bytes]:  # noqa: ARG002 - as in LedgerSetup
        return {}

    def fail_power(self, choose: Callable[[int], int]) -> None:
        pass
