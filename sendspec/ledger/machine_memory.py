"""The memory of this machine: the requests of one account and target, outside of the project directory.

A file ledger is in a work tree, where `git clean`, `git stash`, an older commit or a copy of the folder
takes its files away. The memory has a copy of what each session recorded, so that the next session of
any project directory of this machine notices what its ledger lacks.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from sendspec.errors import LedgerCorrupt, LedgerError
from sendspec.ledger import codec
from sendspec.ledger.file_lock import UNWRITABLE_STATE, FileLock
from sendspec.ledger.filesystem import RealFilesystem, replace_file
from sendspec.model import LedgerState
from sendspec.state_directory import account_directory, project_name
from sendspec.structs import replace

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from sendspec.ledger.filesystem import Filesystem
    from sendspec.model import Target

_REAL_FILESYSTEM: Final = RealFilesystem()
_ANY_SERIAL: Final = 1 << 62
"""Journals of several lockfiles follow each other in one memory, so their serials are not compared."""


class NewestLockfile(NamedTuple):
    """The newest lockfile of a project directory that this machine has seen; without one 0 and empty."""

    serial: int = 0
    digest: str = ""


class MemoryContent(NamedTuple):
    """The content of the two files of a memory."""

    lockfile: bytes | None
    journal: bytes | None


class MachineMemory(Struct, frozen=True):
    """The files of a memory; its lock excludes all other runs of the account and target.

    A lost memory loses no record, because every ledger has its own. But a memory that cannot be written
    is an error before the first request, because a file ledger alone does not notice a removed journal.
    """

    folder: Path
    project: str
    """The name of the project directory, for the files about it alone."""
    empty: LedgerState
    filesystem: Filesystem = _REAL_FILESYSTEM

    @classmethod
    def of(cls, directory: Path, target: Target) -> Self:
        """Return the memory of a target for a project directory."""
        folder = account_directory(target.account, target.name)
        return cls(folder, project_name(directory), LedgerState(target.name, target.account))

    @property
    def journal(self) -> Path:
        """The copy of the open journal."""
        return self.folder / "known.journal"

    @property
    def newest(self) -> Path:
        """The file with serial and digest of the newest lockfile of the project directory."""
        return self.folder / f"{self.project}.newest"

    @property
    def _lockfile(self) -> Path:
        return self.folder / "known.json"

    def lock(self) -> FileLock:
        """Exclude other runs of this account and target, in every project directory of this machine.

        Raises:
            Locked: a run holds the memory.
            LedgerError: the memory cannot be written.
        """
        return FileLock(self.filesystem, self.folder / "run.holder", self.empty.target, private=True)

    def read(self) -> MemoryContent:
        """Read the files; read them before those of a ledger, whose run writes to the memory last.

        Raises:
            LedgerError: the memory cannot be read.
        """
        # Read the journal first: if a run ends and folds it in between, folding it again changes nothing.
        journal = self._read(self.journal)
        return MemoryContent(self._read(self._lockfile), journal)

    def decode(self, content: MemoryContent) -> LedgerState:
        """Return what this machine knows.

        Raises:
            LedgerError: the memory is damaged.
        """
        recovery = f"if the lockfile contains every request that was sent, remove {self.folder}"
        names = codec.FileNames(str(self._lockfile), str(self.journal), recovery=recovery)
        try:
            state = self.empty
            if content.lockfile is not None:
                state = codec.lockfile_state(content.lockfile, names, self.empty)
            if content.journal:
                state = replace(state, serial=_ANY_SERIAL)
                state, _ = codec.fold_journal(state, content.journal, names)
        except LedgerCorrupt as error:
            raise LedgerError(str(error), hint=names.recovery) from error
        return replace(state, serial=0)

    def store(self, state: LedgerState) -> None:
        """Replace everything that the memory knows, and remove its journal.

        Raises:
            OSError: the memory cannot be written; it still has what it had before.
        """
        content = codec.lockfile_bytes(state)
        if self.filesystem.read(self._lockfile) != content:
            replace_file(self.filesystem, self._lockfile, content, private=True)
        if self.filesystem.read(self.journal) is not None:
            self.filesystem.remove(self.journal)
            self.filesystem.sync_directory(self.folder)

    def newest_lockfile(self) -> NewestLockfile:
        """Return the newest lockfile that this machine has seen in the project directory."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            value = json.loads(self.filesystem.read(self.newest) or b"")
            return NewestLockfile(int(value["serial"]), str(value["digest"]))
        return NewestLockfile()

    def remember_lockfile(self, serial: int, content: bytes) -> None:
        """Store serial and digest of a lockfile as the newest.

        Raises:
            OSError: the memory cannot be written.
        """
        newest = NewestLockfile(serial, lockfile_digest(content))
        if self.newest_lockfile() != newest:
            text = json.dumps(newest._asdict(), sort_keys=True)
            replace_file(self.filesystem, self.newest, f"{text}\n".encode(), private=True)

    def _read(self, path: Path) -> bytes | None:
        try:
            return self.filesystem.read(path)
        except OSError as error:
            reason = error.strerror or error
            raise LedgerError(f"{path}:1: cannot read this file: {reason}", hint=UNWRITABLE_STATE) from error


def lockfile_digest(content: bytes) -> str:
    """Return the digest that distinguishes two lockfiles of one serial."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
