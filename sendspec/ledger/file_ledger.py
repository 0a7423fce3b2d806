"""The ledger in the project directory: a lockfile, and a journal during a run."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from sendspec.errors import LedgerError
from sendspec.ledger import codec
from sendspec.ledger.accidents import COPY_NEWEST, merge_command
from sendspec.ledger.corruption import missing_ledger, outdated_lockfile
from sendspec.ledger.file_lock import FileLock
from sendspec.ledger.filesystem import RealFilesystem, replace_file
from sendspec.ledger.journal import Journal
from sendspec.ledger.journal_entries import fold, lost_intents, with_run
from sendspec.ledger.versions import Content, merge_content
from sendspec.ledger.write_conflicts import double_acceptances
from sendspec.model import LedgerState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from sendspec.ledger.filesystem import Filesystem
    from sendspec.ledger.journal_entries import Entry
    from sendspec.ledger.merge import MergeResult, Version
    from sendspec.model import RequestKey, Target

_REAL_FILESYSTEM: Final = RealFilesystem()


class FileLedger:
    """`sendspec.<target>.lock`, and `sendspec.<target>.journal` during a run or after a crash.

    With `must_exist` a missing lockfile is an error, otherwise it is an empty ledger.
    """

    is_shared: Final = False

    def __init__(
        self,
        directory: Path,
        target: str,
        account: str,
        filesystem: Filesystem = _REAL_FILESYSTEM,
        *,
        must_exist: bool = False,
    ) -> None:
        self.filesystem = filesystem
        self.location = f"in {directory}"
        self.lockfile = directory / f"sendspec.{target}.lock"
        self.journal = directory / f"sendspec.{target}.journal"
        self.names = codec.FileNames(str(self.lockfile), str(self.journal), merge_command(directory, target))
        self._must_exist = must_exist
        self._empty = LedgerState(target=target, account=account)
        self._lock_path = directory / ".sendspec" / f"{target}.holder"
        self._serial_path = directory / ".sendspec" / f"{target}.seen"

    @classmethod
    def for_target(cls, directory: Path, target: Target) -> Self:
        """Return the ledger of a target; the ledger of a real target must exist."""
        return cls(directory, target.name, target.account, must_exist=target.is_real)

    def read(self) -> LedgerState:
        """Return the state of lockfile and journal together; see `Ledger.read`."""
        return self._read_files()[0]

    def open(self) -> FileSession:
        """Lock the ledger and start a session; see `Ledger.open`."""
        lock = self._lock()
        try:
            state, has_journal = self._read_files()
            if has_journal:
                # After a failed fsync the system takes unwritten data for written, so the journal of an
                # ended run is written again, into the lockfile, before anything is added.
                self.fold(state)
            return FileSession(self, lock, state)
        except BaseException:
            lock.release()
            raise

    def create(self, initial: LedgerState | None = None) -> bool:
        """Create the lockfile if none exists; see `Ledger.create`.

        Raises:
            LedgerError: the disk failed, or a journal exists whose lockfile is lost.
        """
        lock = self._lock()
        try:
            if self._read_file(self.lockfile) is not None:
                return False
            if self._read_file(self.journal) is not None:
                lost = f"{self.journal}:1: an ended run left this journal, but its lockfile is missing"
                raise LedgerError(lost, hint=COPY_NEWEST)
            state = self._empty
            if initial is not None and initial.sends:
                serial = max(initial.serial, self._remembered_serial()) + 1
                state = replace(state, sends=initial.sends, serial=serial)
            replace_file(self.filesystem, self.lockfile, codec.lockfile_bytes(state))
        except OSError as error:
            raise LedgerError(
                f"cannot write {self.lockfile}: {error.strerror or error}",
                hint="free disk space or repair the disk, then run the same command again",
            ) from error
        finally:
            lock.release()
        return True

    def merge(
        self, copies: Sequence[Path], *, accept_edits: bool, versions: Sequence[Version] = ()
    ) -> MergeResult:
        """Merge both sides of a conflict, and copies; see `Ledger.merge`."""
        lock = self._lock()
        try:
            content = Content(self._read_file(self.lockfile), self._read_file(self.journal))
            if content.lockfile is None and self._must_exist:
                raise missing_ledger(str(self.lockfile), self._empty.target)
            result = merge_content(
                content,
                copies,
                self.names,
                self._empty,
                path=self.lockfile,
                accept_edits=accept_edits,
                versions=versions,
            )
            self._check_serial(result.state)
            if result.written:
                self.fold(result.state)
            return result
        finally:
            lock.release()

    def fold(self, state: LedgerState | None) -> None:
        """Write `state`, the content of lockfile and journal together, and remove the journal.

        None keeps the lockfile, because the journal is empty.

        Raises:
            LedgerError: the disk failed; lockfile and journal together still have the same content.
        """
        try:
            if state is not None and state.sends:
                written = replace(state, serial=state.serial + 1)
                replace_file(self.filesystem, self.lockfile, codec.lockfile_bytes(written))
                self._remember_serial(written.serial)
            self.filesystem.remove(self.journal)
            self.filesystem.sync_directory(self.journal.parent)
        except OSError as error:
            raise LedgerError(
                f"cannot fold {self.journal} into {self.lockfile.name}: {error.strerror or error}; the "
                "journal still contains every outcome",
                hint="free disk space or repair the disk; the next run folds the journal",
            ) from error

    def _read_files(self) -> tuple[LedgerState, bool]:
        """Return the state, and whether a journal exists."""
        # Read the journal first: if a run ends and folds it in between, folding it again changes nothing.
        journal = self._read_file(self.journal)
        lockfile = self._read_file(self.lockfile)
        if lockfile is None and self._must_exist:
            raise missing_ledger(str(self.lockfile), self._empty.target)
        state, _ = codec.decode_ledger(lockfile, journal, self.names, self._empty)
        self._check_serial(state)
        return state, journal is not None

    def _check_serial(self, state: LedgerState) -> None:
        newest = self._remembered_serial() if self._must_exist else 0
        if state.serial < newest:
            hint = f"; if the older lockfile is intended, remove {self._serial_path}"
            raise outdated_lockfile(self.names, newest, state.serial, "this machine has seen", hint)

    def _remember_serial(self, serial: int) -> None:
        # The serial only detects lockfiles that a branch, a stash or a backup restored, so no run fails
        # without it.
        with suppress(OSError):
            handle = self.filesystem.open(self._serial_path)
            try:
                self.filesystem.write(handle, b"%d\n" % serial)
                self.filesystem.sync(handle)
            finally:
                self.filesystem.close(handle)

    def _remembered_serial(self) -> int:
        with suppress(OSError, ValueError):
            lines = (self.filesystem.read(self._serial_path) or b"").split(b"\n")[:-1]
            return int(lines[-1]) if lines else 0
        return 0

    def _read_file(self, path: Path) -> bytes | None:
        try:
            return self.filesystem.read(path)
        except OSError as error:
            reason = error.strerror or error
            raise LedgerError(
                f"{path}:1: cannot read this file: {reason}",
                hint="make it a readable, regular file again, or repair the disk",
            ) from error

    def _lock(self) -> FileLock:
        return FileLock(self.filesystem, self._lock_path, self._empty.target)


class FileSession:
    """A session of a `FileLedger`, with its lock; see `LedgerSession`."""

    def __init__(self, ledger: FileLedger, lock: FileLock, state: LedgerState) -> None:
        self.run = uuid.uuid4().hex
        self._ledger = ledger
        self._lock = lock
        self.double_acceptances: tuple[RequestKey, ...] = ()
        self._initial_state = state
        self._lock_lost = False
        self._journal = Journal(ledger.filesystem, ledger.journal)
        lost = lost_intents(state)
        if lost:
            self.append(lost)
        self.state = fold(state, lost)

    def append(self, entries: Sequence[Entry]) -> None:
        """Append one journal line; see `LedgerSession.append`."""
        self._journal.append(codec.journal_value(self._initial_state, with_run(entries, self.run)))
        self.double_acceptances += double_acceptances(self._initial_state, entries)
        # Check the lock after fsync, so that the next holder reads this entry.
        if not (self._lock.is_held and self._journal.is_in_place):
            self._lock_lost = True
            raise LedgerError(
                f"{self._ledger.journal}: the lock or the journal was removed during this run",
                hint="do not touch .sendspec/ or the journal during a run; settle the requests of this run "
                "from its spool with `sendspec resolve --from-log`",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._journal.close()
            if self._lock_lost or not self._lock.is_held:
                return  # The next holder owns both files now, so this run writes nothing more.
            # Read the files again, because after a failed append only they have the actual content.
            self._ledger.fold(self._ledger.read() if self._journal.may_have_lines else None)
        finally:
            self._lock.release()
