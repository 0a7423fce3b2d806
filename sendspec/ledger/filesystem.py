"""The file operations of a ledger as a protocol, so that tests can simulate a power failure."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, Protocol

from sendspec.state_directory import FILE_MODE, make_private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_MODE: Final = 0o644
_REGULAR_ONLY: Final = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_FLUSH_DRIVE: Final[int | None] = getattr(fcntl, "F_FULLFSYNC", None)
"""The command of fcntl(2) that flushes the cache of the drive, which fsync(2) of macOS does not."""

_NOT_SUPPORTED: Final = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL)
"""Errors of a filesystem that does not support `F_FULLFSYNC`, such as a network share."""


class Filesystem(Protocol):
    """Files by path, and open files by integer handle. Every method raises OSError on failure.

    Content survives a crash only after `sync` of its handle. A name (created, replaced or removed)
    survives only after `sync_directory` of its directory. A `private` file is for its owner only.
    """

    def read(self, path: Path) -> bytes | None:
        """Return a file's content, None if the file does not exist."""
        ...

    def open(self, path: Path, *, private: bool = False) -> int:
        """Create an empty file for appending; an existing file of that name is replaced."""
        ...

    def write(self, handle: int, content: bytes) -> None:
        """Append all of `content`."""
        ...

    def sync(self, handle: int) -> None:
        """Make the content durable."""
        ...

    def sync_all(self, handles: Sequence[int], start: Callable[[Callable[[], None]], None]) -> None:
        """Make the contents durable, in parallel if possible; `start` runs a function in another thread."""
        ...

    def close(self, handle: int) -> None:
        """Close a handle; never fail, because important content was synced before."""
        ...

    def replace(self, source: Path, path: Path) -> None:
        """Rename `source` to `path` atomically."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file if it exists."""
        ...

    def sync_directory(self, directory: Path) -> None:
        """Make the names in a directory durable."""
        ...

    def is_named(self, handle: int, path: Path) -> bool:
        """Return whether `path` still leads to the file of `handle`."""
        ...

    def lock(self, path: Path, line: bytes, *, private: bool = False) -> int:
        """Lock `path` for this process and write `line` into it; create missing folders.

        Raises:
            BlockingIOError: another process has the lock; the system releases it when that process ends.
        """
        ...


class RealFilesystem:
    """The filesystem of this machine."""

    flush_drive: int | None = _FLUSH_DRIVE
    """The command of fcntl that flushes a file with the cache of its drive; None if fsync does so."""

    def read(self, path: Path) -> bytes | None:
        """See `Filesystem.read`."""
        try:
            handle = _open_regular_file(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        with open(handle, "rb") as file:  # noqa: PTH123 - from a descriptor
            return file.read()

    def open(self, path: Path, *, private: bool = False) -> int:
        """See `Filesystem.open`."""
        # A link of either kind would redirect the writes to another file, so an existing name is removed.
        path.unlink(missing_ok=True)
        return _open_regular_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, private=private)

    def write(self, handle: int, content: bytes) -> None:
        """See `Filesystem.write`."""
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]

    def sync(self, handle: int) -> None:
        """See `Filesystem.sync`."""
        self._flush(handle)

    def _flush(self, handle: int) -> None:
        if self.flush_drive is not None:
            try:
                fcntl.fcntl(handle, self.flush_drive)
            except OSError as error:
                if error.errno not in _NOT_SUPPORTED:
                    raise
            else:
                return
        os.fsync(handle)

    def sync_all(self, handles: Sequence[int], start: Callable[[Callable[[], None]], None]) -> None:
        """See `Filesystem.sync_all`."""
        # Flushes in parallel share one commit of the file system, so two files cost about as much as one.
        first, *others = handles
        ends: SimpleQueue[OSError | None] = SimpleQueue()
        for handle in others:
            start(partial(self._report_sync, handle, ends))
        self._report_sync(first, ends)
        for error in [ends.get() for _ in handles]:
            if error is not None:
                raise error

    def _report_sync(self, handle: int, ends: SimpleQueue[OSError | None]) -> None:
        try:
            self.sync(handle)
        except OSError as error:
            ends.put(error)
        else:
            ends.put(None)

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
            self._flush(handle)
        finally:
            os.close(handle)

    def is_named(self, handle: int, path: Path) -> bool:
        """See `Filesystem.is_named`."""
        try:
            return os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False))  # noqa: PTH116 - as fstat
        except OSError:
            # A path that cannot be examined, such as one below a file, does not lead to it.
            return False

    def lock(self, path: Path, line: bytes, *, private: bool = False) -> int:
        """See `Filesystem.lock`."""
        if private:
            make_private_directory(path.parent)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        handle = _open_regular_file(path, os.O_RDWR | os.O_CREAT, private=private)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.pwrite(handle, line, 0)
        except BaseException:
            os.close(handle)
            raise
        return handle


def replace_file(filesystem: Filesystem, path: Path, content: bytes, *, private: bool = False) -> None:
    """Replace the content of `path` atomically and durably."""
    temporary = path.with_name(path.name + ".tmp")
    handle = filesystem.open(temporary, private=private)
    try:
        filesystem.write(handle, content)
        filesystem.sync(handle)
    finally:
        filesystem.close(handle)
    filesystem.replace(temporary, path)
    filesystem.sync_directory(path.parent)


def _open_regular_file(path: Path, flags: int, *, private: bool = False) -> int:
    """Open a regular file, never a link or a pipe.

    Pull requests change files beside the ledger: a link would redirect the writes, and opening a pipe
    would block.
    """
    try:
        handle = os.open(path, flags | _REGULAR_ONLY, FILE_MODE if private else _MODE)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a symbolic link", str(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return handle
