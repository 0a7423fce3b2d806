"""The contact store: the exact contacts of each request of an apply, in a file without a name.

The scan writes them and the posts read them, so that sendspec sends the contacts of the plan, although
a list may change after it. The system removes the file when the process ends, however it ends.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from io import FileIO
    from pathlib import Path

    from sendspec.model import Send

_FLUSH_BYTES: Final = 4 << 20
"""Bytes after which the file is flushed, because unwritten pages would delay the fsync of a ledger."""


class _Extent(NamedTuple):
    offset: int
    length: int


class _FileState(NamedTuple):
    """A file as far as a change of its content shows in it; `stat` is None if it cannot be examined."""

    shown: str
    stat: tuple[int, ...] | None


class StoredList:
    """The stored contacts of the sends that share a list."""

    def __init__(self, store: ContactStore) -> None:
        self._store = store
        self.extents: dict[int, _Extent] = {}

    def add(self, number: int, lines: bytes) -> None:
        """Store the contacts of request `number` of each of the sends, as canonical JSON lines.

        Raises:
            SendspecError: the file cannot be written.
        """
        self.extents[number] = self._store.append(lines)


class ContactStore:
    """The contacts of all sends of one plan; one thread writes them, then many read them together.

    The file is in the folder for temporary files (`$TMPDIR`), for its owner only. `O_TMPFILE` creates it
    without a name. A file system without that flag gives it a name for a moment, while it is empty.
    """

    def __init__(self) -> None:
        self._file: FileIO | None = None
        self._size = self._flushed = 0
        self._lists: dict[str, StoredList] = {}
        self._files: dict[Path, _FileState] = {}
        self._files_of: dict[str, list[Path]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything, before another plan is made."""
        if self._file is not None:
            self._file.close()
        self._file = None
        self._size = self._flushed = 0
        self._lists.clear()
        self._files.clear()
        self._files_of.clear()

    def open_list(self, sends: Sequence[Send]) -> StoredList:
        """Return the empty list that these sends share; call it before their files are read."""
        stored = StoredList(self)
        for send in sends:
            for file in send.files:
                self._files.setdefault(file.path, _FileState(file.shown, _stat(file.path)))
            self._lists[send.address] = stored
            self._files_of[send.address] = [file.path for file in send.files]
        return stored

    def append(self, lines: bytes) -> _Extent:
        """Append to the file, and return where the bytes are.

        Raises:
            SendspecError: the file cannot be written.
        """
        import tempfile  # noqa: PLC0415 - its import takes 4 ms, and a plan stores nothing

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by `clear`
            view = memoryview(lines)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise _write_error(error) from error
        extent = _Extent(self._size, len(lines))
        self._size += len(lines)
        if self._size - self._flushed >= _FLUSH_BYTES:
            self.flush()
        return extent

    def flush(self) -> None:
        """Write the file to its disk, so that no later fsync of a ledger waits for it.

        Raises:
            SendspecError: the disk failed.
        """
        if self._file is None or self._flushed == self._size:
            return
        try:
            os.fdatasync(self._file.fileno())
        except OSError as error:
            raise _write_error(error) from error
        self._flushed = self._size

    def read(self, address: str, number: int, digest: bytes) -> bytes:
        """Return the contacts of one request, as canonical JSON lines whose SHA-256 is `digest`.

        Raises:
            SendspecError: the file cannot be read, or does not have these contacts.
        """
        stored = self._lists.get(address)
        extent = _Extent(0, 0) if stored is None else stored.extents.get(number, _Extent(0, 0))
        try:
            lines = b"" if self._file is None else os.pread(self._file.fileno(), extent.length, extent.offset)
        except OSError as error:
            raise SendspecError(
                f"cannot read the stored contacts: {error.strerror or error}",
                hint="repair the disk of the folder for temporary files, or set TMPDIR to another folder",
            ) from error
        if hashlib.sha256(lines).digest() != digest:
            raise SendspecError(
                f"{address}#{number}: the stored contacts are not those of the plan; it was not sent",
                hint="repair the disk of the folder for temporary files, or set TMPDIR to another folder",
            )
        return lines

    def changed_files(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """Return the lists of these sends that were changed or replaced after `open_list`, as shown."""
        paths = {path for address in addresses for path in self._files_of.get(address, ())}
        known = [(path, self._files[path]) for path in paths]
        return tuple(sorted(state.shown for path, state in known if _stat(path) != state.stat))


def _stat(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _write_error(error: OSError) -> SendspecError:
    import tempfile  # noqa: PLC0415 - see above

    folder = tempfile.tempdir or "a folder for temporary files"
    return SendspecError(
        f"cannot store the contacts in {folder}: {error.strerror or error}",
        hint="free disk space, or set TMPDIR to a folder with more space",
    )
