"""The few things a ledger asks of a disk, so that tests can be a disk that loses power."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from pathlib import Path

_MODE: Final = 0o644
_ITSELF: Final = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Filesystem(Protocol):
    """Files by path; handles are whatever `open` gives. Everything raises OSError on failure.

    What was written survives a crash only after `sync` of its handle, and a name (created, replaced
    or removed) only after `sync_directory` of where it stands.
    """

    def read(self, path: Path) -> bytes | None:
        """Give a file's content, None where there is no such file."""
        ...

    def open(self, path: Path) -> int:
        """Open a new file to append to it, in place of what has its name, if anything has."""
        ...

    def write(self, handle: int, content: bytes) -> None:
        """Append `content`, all of it."""
        ...

    def sync(self, handle: int) -> None:
        """Make what was written durable."""
        ...

    def close(self, handle: int) -> None:
        """Give a handle back; never fails, since what counts was synced before."""
        ...

    def replace(self, source: Path, path: Path) -> None:
        """Give the file `source` the name `path`, in one step."""
        ...

    def remove(self, path: Path) -> None:
        """Take a file's name away."""
        ...

    def sync_directory(self, directory: Path) -> None:
        """Make the names in a directory durable."""
        ...

    def is_named(self, handle: int, path: Path) -> bool:
        """Whether `path` still leads to what `handle` has open."""
        ...

    def lock(self, path: Path, line: bytes) -> int:
        """Take the lock of `path` for this process and write `line` into it.

        Raises:
            BlockingIOError: another process has it; the system frees it when that process is gone.
        """
        ...


class RealFilesystem:
    """The disk of this machine."""

    def read(self, path: Path) -> bytes | None:
        """See `Filesystem.read`."""
        try:
            handle = _opened(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        with open(handle, "rb") as file:  # noqa: PTH123 - from a descriptor
            return file.read()

    def open(self, path: Path) -> int:
        """See `Filesystem.open`."""
        # Not what lies there: a link of either kind would lead the writing to a file elsewhere.
        path.unlink(missing_ok=True)
        return _opened(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND)

    def write(self, handle: int, content: bytes) -> None:
        """See `Filesystem.write`."""
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]

    def sync(self, handle: int) -> None:
        """See `Filesystem.sync`."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """See `Filesystem.close`."""
        with suppress(OSError):
            os.close(handle)

    def replace(self, source: Path, path: Path) -> None:
        """See `Filesystem.replace`."""
        source.replace(path)

    def remove(self, path: Path) -> None:
        """See `Filesystem.remove`."""
        path.unlink(missing_ok=True)

    def sync_directory(self, directory: Path) -> None:
        """See `Filesystem.sync_directory`."""
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def is_named(self, handle: int, path: Path) -> bool:
        """See `Filesystem.is_named`."""
        try:
            return os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False))  # noqa: PTH116 - as fstat
        except FileNotFoundError:
            return False

    def lock(self, path: Path, line: bytes) -> int:
        """See `Filesystem.lock`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = _opened(path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.pwrite(handle, line, 0)
        except BaseException:
            os.close(handle)
            raise
        return handle


def _opened(path: Path, flags: int) -> int:
    """Open a regular file itself.

    A ledger lies among files that strangers change: a link would lead the writing elsewhere, and to
    open a pipe would wait for ever.
    """
    try:
        handle = os.open(path, flags | _ITSELF, _MODE)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a symbolic link", str(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return handle
