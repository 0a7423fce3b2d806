"""The ledger in the project directory: a lockfile, and a journal during a run."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from sendspec.errors import LedgerError
from sendspec.ledger import codec
from sendspec.ledger.corruption import missing_ledger, outdated_lockfile
from sendspec.ledger.file_damage import COPY_NEWEST, merge_command
from sendspec.ledger.file_lock import UNWRITABLE_STATE, FileLock
from sendspec.ledger.filesystem import RealFilesystem, replace_file
from sendspec.ledger.interface import new_run_name
from sendspec.ledger.journal import Journal
from sendspec.ledger.journal_entries import Intent, fold, lost_intents, with_run
from sendspec.ledger.machine_memory import MachineMemory, NewestLockfile, lockfile_digest
from sendspec.ledger.merge_inputs import Content, merge_content
from sendspec.ledger.recall import lost_entries, recalled_requests
from sendspec.ledger.write_conflicts import double_acceptances
from sendspec.model import LedgerState, Recall
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path
    from types import TracebackType

    from sendspec.ledger.filesystem import Filesystem
    from sendspec.ledger.journal_entries import Entry
    from sendspec.ledger.merge import MergeResult, Version
    from sendspec.model import GroupDigests, RequestKey, Target

_REAL_FILESYSTEM: Final = RealFilesystem()


class FileLedger:
    """`sendspec.<target>.lock`, and `sendspec.<target>.journal` during a run or after a crash.

    With `must_exist` a missing lockfile is an error, otherwise it is an empty ledger. The `memory` of
    this machine adds what the two files lost; `campaigns` are those of the specs, see `lost_entries`.
    """

    is_shared: Final = False

    def __init__(  # noqa: PLR0913 - the two files, and what they depend on
        self,
        directory: Path,
        target: str,
        account: str,
        filesystem: Filesystem = _REAL_FILESYSTEM,
        *,
        must_exist: bool = False,
        memory: MachineMemory | None = None,
        campaigns: Collection[str] | None = None,
    ) -> None:
        self.filesystem = filesystem
        self.memory = memory
        self.new_run_name: Callable[[], str] = new_run_name
        self.location = f"in {directory}"
        self.lockfile = directory / f"sendspec.{target}.lock"
        self.journal = directory / f"sendspec.{target}.journal"
        self.names = codec.FileNames(str(self.lockfile), str(self.journal), merge_command(directory, target))
        self._must_exist = must_exist
        self._campaigns = campaigns
        self._empty = LedgerState(target=target, account=account)
        self._lock_path = directory / ".sendspec" / f"{target}.holder"
        self._earlier_serial_path = directory / ".sendspec" / f"{target}.seen"

    @classmethod
    def for_target(cls, directory: Path, target: Target, campaigns: Collection[str] | None = None) -> Self:
        """Return the ledger of a target; the ledger of a real target must exist."""
        return cls(
            directory,
            target.name,
            target.account,
            must_exist=target.is_real,
            memory=MachineMemory.of(directory, target) if target.is_remembered else None,
            campaigns=campaigns,
        )

    def read(self) -> LedgerState:
        """Return the state of lockfile, journal and memory together; see `Ledger.read`."""
        files, known = self._read_all()
        lost = self._lost(known, files)
        return replace(fold(files.state, lost), recall=self._recall(lost, files))

    def open(self) -> FileSession:
        """Lock the ledger and start a session; see `Ledger.open`."""
        locks = self._lock()
        try:
            files, known = self._read_all()
            lost = self._lost(known, files)
            recall = self._recall(lost, files)
            if files.has_journal:
                # After a failed fsync the system takes unwritten data for written, so the journal of an
                # ended run is written again, into the lockfile, before anything is added.
                files = self.fold(files.state)
            self.remember(known, fold(files.state, lost))
            return FileSession(self, locks, replace(files.state, recall=recall), lost, known)
        except BaseException:
            locks.release()
            raise

    def create(self, initial: LedgerState | None = None) -> bool:
        """Create the lockfile if none exists; see `Ledger.create`.

        Its serial continues that of a lost lockfile, so that it is not taken for an older one.

        Raises:
            LedgerError: the disk failed, or a journal exists whose lockfile is lost.
        """
        locks = self._lock()
        try:
            if self._read_file(self.lockfile) is not None:
                return False
            if self._read_file(self.journal) is not None:
                lost = f"{self.journal}:1: an ended run left this journal, but its lockfile is missing"
                raise LedgerError(lost, hint=COPY_NEWEST)
            newest = self._newest_lockfile().serial
            state = replace(self._empty, serial=newest)
            if initial is not None and initial.sends:
                serial = max(initial.serial, newest) + 1
                state = replace(state, sends=initial.sends, moved=initial.moved, serial=serial)
            content = codec.lockfile_bytes(state)
            replace_file(self.filesystem, self.lockfile, content)
            if self.memory is not None:
                self.memory.remember_lockfile(state.serial, content)
        except OSError as error:
            raise LedgerError(
                f"cannot write {self.lockfile}: {error.strerror or error}",
                hint="free disk space or repair the disk, then run the same command again",
            ) from error
        finally:
            locks.release()
        return True

    def merge(
        self, copies: Sequence[Path], *, accept_edits: bool, versions: Sequence[Version] = ()
    ) -> MergeResult:
        """Merge both sides of a conflict, and copies; see `Ledger.merge`."""
        locks = self._lock()
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
                files = self.fold(result.state)
                with suppress(OSError):  # The merged lockfile has a higher serial than the remembered one.
                    self._remember_newest(files.state.serial)
            return result
        finally:
            locks.release()

    def fold(self, state: LedgerState | None) -> LedgerFiles:
        """Write `state`, the content of lockfile and journal together, and remove the journal.

        None keeps the lockfile, because the journal is empty.

        Raises:
            LedgerError: the disk failed; lockfile and journal together still have the same content.
        """
        content: bytes | None = None
        try:
            if state is not None and (state.sends or state.moved):
                state = replace(state, serial=state.serial + 1)
                content = codec.lockfile_bytes(state)
                replace_file(self.filesystem, self.lockfile, content)
            self.filesystem.remove(self.journal)
            self.filesystem.sync_directory(self.journal.parent)
        except OSError as error:
            raise LedgerError(
                f"cannot fold {self.journal} into {self.lockfile.name}: {error.strerror or error}; the "
                "journal still contains every outcome",
                hint="free disk space or repair the disk; the next run folds the journal",
            ) from error
        return LedgerFiles(state or self._empty, content, has_journal=False)

    def read_files(self) -> LedgerFiles:
        """Return the content of lockfile and journal, without what the memory adds."""
        # Read the journal first: if a run ends and folds it in between, folding it again changes nothing.
        journal = self._read_file(self.journal)
        lockfile = self._read_file(self.lockfile)
        if lockfile is None and self._must_exist:
            raise missing_ledger(str(self.lockfile), self._empty.target)
        state, _ = codec.decode_ledger(lockfile, journal, self.names, self._empty)
        if lockfile is not None:
            self._check_serial(state)
        return LedgerFiles(state, lockfile, has_journal=journal is not None)

    def _check_serial(self, state: LedgerState) -> None:
        newest = self._newest_lockfile().serial
        if self.memory is not None and state.serial < newest:
            hint = f"; if the older lockfile is intended, remove {self.memory.newest}"
            raise outdated_lockfile(self.names, newest, state.serial, "this machine has seen", hint)

    def remember(self, known: LedgerState | None, state: LedgerState) -> None:
        """Store the state of this ledger in the memory, and keep what is there of other projects.

        Raises:
            LedgerError: the memory cannot be written.
        """
        if self.memory is None or known is None:
            return
        try:
            self.memory.store(replace(state, sends=dict(sorted({**known.sends, **state.sends}.items()))))
            self._remember_newest(state.serial)
        except OSError as error:
            reason = error.strerror or error
            raise LedgerError(
                f"cannot write {self.memory.folder}: {reason}; a file ledger needs this memory",
                hint=UNWRITABLE_STATE,
            ) from error

    def _remember_newest(self, serial: int) -> None:
        lockfile = self._read_file(self.lockfile)
        if self.memory is not None and lockfile is not None:
            self.memory.remember_lockfile(serial, lockfile)
            self.filesystem.remove(self._earlier_serial_path)

    def _read_all(self) -> tuple[LedgerFiles, LedgerState | None]:
        """Return the content of the two files, and what the memory knows; None without a memory."""
        if self.memory is None:
            return self.read_files(), None
        content = self.memory.read()
        files = self.read_files()
        if content == (files.lockfile, None) and not files.has_journal:
            return files, files.state
        return files, self.memory.decode(content)

    def remove_copy(self) -> None:
        """Remove the copy of a journal without lines, if possible."""
        if self.memory is not None:
            with suppress(OSError):
                self.filesystem.remove(self.memory.journal)

    def _lost(self, known: LedgerState | None, files: LedgerFiles) -> tuple[Entry, ...]:
        if known is None or known is files.state:
            return ()
        return lost_entries(known, files.state, self._campaigns)

    def _recall(self, lost: Sequence[Entry], files: LedgerFiles) -> Recall | None:
        if not lost:
            return None
        newest = self._newest_lockfile()
        differs = newest.digest not in ("", lockfile_digest(files.lockfile or b""))
        return Recall(recalled_requests(lost), files.state.serial == newest.serial and differs)

    def _newest_lockfile(self) -> NewestLockfile:
        newest = NewestLockfile() if self.memory is None else self.memory.newest_lockfile()
        return max(newest, NewestLockfile(self._earlier_serial() if self.memory is not None else 0))

    def _earlier_serial(self) -> int:
        """Return the serial that versions without a memory stored in the project directory."""
        with suppress(OSError, ValueError):
            lines = (self.filesystem.read(self._earlier_serial_path) or b"").split(b"\n")[:-1]
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

    def _lock(self) -> Locks:
        lock = FileLock(self.filesystem, self._lock_path, self._empty.target)
        try:
            return Locks(lock, None if self.memory is None else self.memory.lock())
        except BaseException:
            lock.release()
            raise


class LedgerFiles(NamedTuple):
    """The state of lockfile and journal, the content of the lockfile, and whether a journal exists."""

    state: LedgerState
    lockfile: bytes | None
    has_journal: bool


class Locks(NamedTuple):
    """The lock of the project directory and, if there is a memory, that of the account."""

    project: FileLock
    account: FileLock | None

    @property
    def are_held(self) -> bool:
        """Whether both exclude other processes."""
        return self.project.is_held and (self.account is None or self.account.is_held)

    def release(self) -> None:
        """Release both."""
        if self.account is not None:
            self.account.release()
        self.project.release()


class FileSession:
    """A session of a `FileLedger`, with its locks; see `LedgerSession`."""

    def __init__(
        self,
        ledger: FileLedger,
        locks: Locks,
        state: LedgerState,
        lost: Sequence[Entry],
        known: LedgerState | None,
    ) -> None:
        self.run = ledger.new_run_name()
        self._ledger = ledger
        self._locks = locks
        self._known = known
        self.double_acceptances: tuple[RequestKey, ...] = ()
        self._initial_state = state
        self._groups: GroupDigests | None = None
        self._lock_lost = False
        copy = None if ledger.memory is None else ledger.memory.journal
        self._journal = Journal(ledger.filesystem, ledger.journal, copy)
        # The name of this run must not replace that of a lost one, so lost intents follow as outcomes.
        entries = [entry for entry in lost if not isinstance(entry, Intent)]
        entries += lost_intents(fold(state, lost))
        if entries:
            self.append(entries)
        self.state = fold(state, entries)

    def append(self, entries: Sequence[Entry]) -> None:
        """Append one journal line; see `LedgerSession.append`."""
        self._journal.append(codec.journal_value(self._initial_state, with_run(entries, self.run)))
        self.double_acceptances += double_acceptances(self._initial_state, entries)
        # Check the locks after fsync, so that the next holder reads this entry.
        if not (self._locks.are_held and self._journal.is_in_place):
            self._lock_lost = True
            raise LedgerError(
                f"{self._ledger.journal}: the lock or the journal was removed during this run",
                hint="do not touch .sendspec/ or the journal during a run; settle the requests of this run "
                "from its spool with `sendspec resolve --from-log`",
            )

    def keep_groups(self, groups: GroupDigests) -> None:
        """Store joint digests with the next fold; see `LedgerSession.keep_groups`."""
        self._groups = groups

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._journal.close()
            if self._lock_lost or not self._locks.are_held:
                return  # The next holder owns the files now, so this run writes nothing more.
            if not self._journal.may_have_lines and self._groups is None:
                self._ledger.fold(None)
                self._ledger.remove_copy()
                return
            # Read the files again, because after a failed append only they have the actual content.
            state = self._ledger.read_files().state
            if self._groups is not None:
                state = replace(state, groups=self._groups)
            files = self._ledger.fold(state)
            with suppress(LedgerError):  # The copy of the journal still has the same content.
                self._ledger.remember(self._known, files.state)
        finally:
            self._locks.release()
