"""The spool: a file of outcome log lines on this machine, for outcomes that the ledger did not record."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_SAFE: Final = os.O_NOFOLLOW | os.O_NONBLOCK
"""Flags that refuse a symbolic link, which leads elsewhere, and a pipe, which would block."""

_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _SAFE
_MODE: Final = 0o600


class SpoolFile:
    """`.sendspec/<target>.spool` of a project directory; lines are as in `sendspec.outcome_log`."""

    def __init__(self, directory: Path, target: str) -> None:
        self.path = directory / ".sendspec" / f"{target}.spool"

    def append(self, line: str) -> None:
        """Append a line, without fsync, because the ledger is the durable record.

        Raises:
            OSError: the file cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, _APPEND, _MODE)
        try:
            os.write(handle, f"{line}\n".encode())
        finally:
            os.close(handle)

    def read_lines(self) -> list[str]:
        """Return the lines; empty if the file does not exist or cannot be opened."""
        try:
            handle = os.open(self.path, os.O_RDONLY | _SAFE)
        except OSError:
            return []
        with open(handle, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - from a descriptor
            return lines.readlines()

    def remove(self) -> None:
        """Remove the file if possible."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
