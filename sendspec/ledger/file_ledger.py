"""The ledger in files of the project directory: a lockfile, and a journal beside it during a run."""

from __future__ import annotations

import json
import os
import socket
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

from sendspec.errors import LedgerError, Locked
from sendspec.formatting import format_timestamp
from sendspec.ledger import codec
from sendspec.ledger.corruption import RESTORE, missing, older
from sendspec.ledger.entries import Settled, fold, named_after
from sendspec.ledger.filesystem import RealFilesystem
from sendspec.ledger.journal import Journal
from sendspec.model import LedgerState, OutcomeReason, RequestKey, RequestState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from sendspec.ledger.entries import Entry
    from sendspec.ledger.filesystem import Filesystem

_REAL_DISK: Final = RealFilesystem()


class FileLedger:
    """`sendspec.<target>.lock` and, while a run lasts or after it died, `sendspec.<target>.journal`.

    Where `must_exist`, a lockfile that is missing is an error; else it is an empty one.
    """

    def __init__(
        self,
        directory: Path,
        target: str,
        account: str,
        filesystem: Filesystem = _REAL_DISK,
        *,
        must_exist: bool = False,
    ) -> None:
        self.filesystem = filesystem
        self._must_exist = must_exist
        self._empty = LedgerState(target=target, account=account)
        self.lockfile = directory / f"sendspec.{target}.lock"
        self.journal = directory / f"sendspec.{target}.journal"
        self._holder = directory / ".sendspec" / f"{target}.holder"
        self._seen = directory / ".sendspec" / f"{target}.seen"

    def read(self) -> LedgerState:
        """Read lockfile and journal together, as they stand; see `Ledger.read`."""
        return self._load()[0]

    def open(self) -> FileSession:
        """Take the ledger; see `Ledger.open`."""
        hold = self._take()
        try:
            state, left_open = self._load()
            if left_open:
                # After a failed flush the system takes what it could not write for written: what a run
                # that is gone left in its journal is written anew before anything is added to it.
                self.fold(state)
            return FileSession(self, hold, state)
        except BaseException:
            self.filesystem.close(hold)
            raise

    def create(self) -> bool:
        """Begin an empty lockfile where there is none; tell whether it was begun.

        Raises:
            Locked: a run holds the ledger.
            LedgerError: the disk failed, or a journal lies there whose lockfile is lost.
        """
        hold = self._take()
        try:
            if self._read(self.lockfile) is not None:
                return False
            if self._read(self.journal) is not None:
                lost = f"{self.journal}:1: a run left this journal, but its lockfile is missing"
                raise LedgerError(lost, hint=RESTORE)
            _replace(self.filesystem, self.lockfile, codec.lockfile_bytes(self._empty))
        except OSError as error:
            raise LedgerError(f"cannot write {self.lockfile}: {error.strerror or error}") from error
        finally:
            self.filesystem.close(hold)
        return True

    def holds(self, hold: int) -> bool:
        """Whether the lock that a session took is still the one that others would ask for."""
        return self.filesystem.is_named(hold, self._holder)

    def fold(self, state: LedgerState | None) -> None:
        """Write `state`, which is what lockfile and journal say together, and remove the journal.

        None leaves the lockfile as it is: the journal says nothing.

        Raises:
            LedgerError: the disk failed; lockfile and journal still say the same together.
        """
        try:
            if state is not None and state.sends:
                written = replace(state, serial=state.serial + 1)
                _replace(self.filesystem, self.lockfile, codec.lockfile_bytes(written))
                self._remember(written.serial)
            self.filesystem.remove(self.journal)
            self.filesystem.sync_directory(self.journal.parent)
        except OSError as error:
            raise LedgerError(
                f"cannot fold {self.journal} into {self.lockfile.name}: {error.strerror or error}",
                hint="nothing is lost: the journal has it all, and the next run folds it",
            ) from error

    def _load(self) -> tuple[LedgerState, bool]:
        """Give the state, and whether a journal lies there."""
        # The journal first: a run that ends in between folds it, and folding it again changes nothing.
        journal = self._read(self.journal)
        lockfile = self._read(self.lockfile)
        if lockfile is None and self._must_exist:
            raise missing(str(self.lockfile), self._empty.target)
        shown = (str(self.lockfile), str(self.journal))
        state = codec.combined(lockfile, journal, shown, self._empty)[0]
        seen = self._remembered() if self._must_exist else 0
        if state.serial < seen:
            hint = f"; if it was taken back on purpose, remove {self._seen}"
            raise older(f"{self.lockfile}:1: this machine has seen", seen, state.serial, hint)
        return state, journal is not None

    def _remember(self, serial: int) -> None:
        # Only a help against lockfiles that a branch, a stash or a backup brings back: no run fails for it.
        with suppress(OSError):
            handle = self.filesystem.open(self._seen)
            try:
                self.filesystem.write(handle, b"%d\n" % serial)
                self.filesystem.sync(handle)
            finally:
                self.filesystem.close(handle)

    def _remembered(self) -> int:
        with suppress(OSError, ValueError):
            whole = (self.filesystem.read(self._seen) or b"").split(b"\n")[:-1]
            return int(whole[-1]) if whole else 0
        return 0

    def _read(self, path: Path) -> bytes | None:
        try:
            return self.filesystem.read(path)
        except OSError as error:
            reason = error.strerror or error
            raise LedgerError(f"{path}:1: this file cannot be read: {reason}", hint=RESTORE) from error

    def _take(self) -> int:
        since = format_timestamp(datetime.now(UTC))
        line = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
        try:
            return self.filesystem.lock(self._holder, line.encode())
        except BlockingIOError as error:
            raise Locked(
                f"another run holds the ledger of target '{self._empty.target}': {self._who()}",
                hint="wait for it to end; the lock goes with its process, there is nothing to remove",
            ) from error
        except OSError as error:
            reason = error.strerror or error
            raise LedgerError(f"{self._holder}:1: this file cannot be locked: {reason}") from error

    def _who(self) -> str:
        try:
            value = json.loads(self.filesystem.read(self._holder) or b"")
            return f"process {value['pid']} on {value['host']} since {value['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "a process that has not said its name yet"


class FileSession:
    """One run's hold on a `FileLedger`; see `LedgerSession`."""

    def __init__(self, ledger: FileLedger, hold: int, state: LedgerState) -> None:
        self.run = uuid.uuid4().hex
        self._ledger = ledger
        self._hold = hold
        self._owner = state
        self._ousted = False
        self._journal = Journal(ledger.filesystem, ledger.journal)
        lost = lost_intents(state)
        if lost:
            self.append(lost)
        self.state = fold(state, lost)

    def append(self, entries: Sequence[Entry]) -> None:
        """Append one journal line; see `LedgerSession.append`."""
        self._journal.append(codec.journal_value(self._owner, named_after(entries, self.run)))
        # Looked at after it is durable: whoever takes the ledger from here on reads it.
        if not (self._ledger.holds(self._hold) and self._journal.in_place):
            self._ousted = True
            raise LedgerError(
                f"{self._ledger.journal}: the lock or the journal of this run was removed under it",
                hint="leave .sendspec/ and the journal alone while a run is alive; what this run sent since "
                "is in its spool, which `sendspec resolve --from-log` reads",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._journal.close()
            if self._ousted or not self._ledger.holds(self._hold):
                return  # whoever removed it, or took its place, has the ledger now
            # Read back rather than trusting memory: after a failed append only the file knows.
            self._ledger.fold(self._ledger.read() if self._journal.touched else None)
        finally:
            self._ledger.filesystem.close(self._hold)


def _replace(filesystem: Filesystem, path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    handle = filesystem.open(temporary)
    try:
        filesystem.write(handle, content)
        filesystem.sync(handle)
    finally:
        filesystem.close(handle)
    filesystem.replace(temporary, path)
    filesystem.sync_directory(path.parent)


def lost_intents(state: LedgerState) -> tuple[Settled, ...]:
    """Give the outcomes that runs which are gone never wrote: every open intent becomes unknown.

    `at` stays that of the intent: it tells which run's log may settle it, and where to look.
    """
    return tuple(
        Settled(
            key=RequestKey(address, revision.revision, request.batch),
            state=RequestState.UNKNOWN,
            at=request.at,
            attempts=request.attempts,
            run=request.run,
            reason=OutcomeReason.RUN_LOST,
        )
        for address, record in state.sends.items()
        for revision in record.revisions
        for request in revision.requests
        if request.state is RequestState.INTENT
    )
