"""The spool: a file of outcome log lines on this machine, for outcomes that the ledger did not record."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sendspec.state_directory import FILE_MODE, account_directory, make_private_directory, project_name

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from sendspec.model import Target

_SAFE: Final = os.O_NOFOLLOW | os.O_NONBLOCK
"""Flags that refuse a symbolic link, which leads elsewhere, and a pipe, which would block."""

_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _SAFE


class SpoolFile:
    """A file of lines as in `sendspec.outcome_log`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    @classmethod
    def of(cls, directory: Path, target: Target) -> Self:
        """Return the spool of a target, which for the sandbox is in the project directory."""
        if not target.is_remembered:
            return cls.in_project(directory, target)
        folder = account_directory(target.account, target.name)
        return cls(folder / f"{project_name(directory)}.spool")

    @classmethod
    def in_project(cls, directory: Path, target: Target) -> Self:
        """Return the spool of earlier versions, which a commit can contain."""
        return cls(directory / ".sendspec" / f"{target.name}.spool")

    def append(self, line: str) -> None:
        """Append a line, without fsync, because the ledger is the durable record.

        Raises:
            OSError: the file cannot be written.
        """
        if self._handle is not None and os.fstat(self._handle).st_nlink == 0:
            self.close()  # Something removed the file, so further lines would be lost with it.
        if self._handle is None:
            make_private_directory(self.path.parent)
            self._handle = os.open(self.path, _APPEND, FILE_MODE)
        os.write(self._handle, f"{line}\n".encode())

    def close(self) -> None:
        """Close the file, which stays open after a first line."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None

    def read_lines(self) -> list[str]:
        """Return the lines; empty if the file does not exist or cannot be opened."""
        try:
            handle = os.open(self.path, os.O_RDONLY | _SAFE)
        except OSError:
            return []
        with open(handle, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123 - from a descriptor
            return lines.readlines()

    def remove(self) -> None:
        """Close the file, and remove it if possible."""
        self.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
