"""The lock of a file ledger: held by one process, released by the system when that process ends."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sendspec.errors import LedgerError, Locked
from sendspec.formatting import format_timestamp

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.ledger.filesystem import Filesystem

UNWRITABLE_STATE: Final = "set XDG_STATE_HOME to a folder that you may write to and that outlives the project"
_UNWRITABLE_PROJECT: Final = "make the project directory writable, or repair the disk"


class FileLock:
    """A held lock; `path` contains the process that holds it."""

    def __init__(self, filesystem: Filesystem, path: Path, target: str, *, private: bool = False) -> None:
        """Acquire the lock.

        Raises:
            Locked: another process holds it.
            LedgerError: the file cannot be opened or written.
        """
        self._filesystem = filesystem
        self._path = path
        since = format_timestamp(datetime.now(UTC))
        line = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
        try:
            self._handle = filesystem.lock(path, line.encode(), private=private)
        except BlockingIOError as error:
            raise Locked(
                f"another run holds the ledger of target '{target}': {self._read_holder()}",
                hint="wait until that process ends; the lock ends with it, so do not remove a file",
            ) from error
        except OSError as error:
            reason = error.strerror or error
            raise LedgerError(
                f"{path}:1: cannot lock this file: {reason}",
                hint=UNWRITABLE_STATE
                if private
                else "make the project directory writable, or repair the disk",
            ) from error

    @property
    def is_held(self) -> bool:
        """Whether the locked file is still in place, so that it excludes other processes."""
        return self._filesystem.is_named(self._handle, self._path)

    def release(self) -> None:
        """Release the lock."""
        self._filesystem.close(self._handle)

    def _read_holder(self) -> str:
        try:
            value = json.loads(self._filesystem.read(self._path) or b"")
            return f"process {value['pid']} on {value['host']} since {value['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "a process that has just started"
