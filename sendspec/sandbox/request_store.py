"""Store of received requests: one JSON line per request, durable before its answer.

The lines stay in a file, an unnamed temporary one without a directory. Memory has the position of each
line only, so it does not grow with the contacts.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import stat
import tempfile
from typing import TYPE_CHECKING, Any, Final

import orjson
from msgspec import Struct, structs

from sendspec.errors import Locked, SendspecError
from sendspec.model import Endpoint, IdKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FILE_NAME: Final = "received.jsonl"


class ReceivedRequest(Struct, frozen=True):
    """One request that sends; `body` is a JSON value, or the text of a body that is not JSON.

    `status` is the decided status, None if a fault dropped the connection before the decision. A fault
    may have prevented its arrival at the client. `at` is RFC 3339.
    """

    endpoint: str
    path: str
    body: Any
    accepted: bool
    id: int | str | None
    status: int | None
    at: str


class AcceptedBatch(Struct, frozen=True):
    """An accepted batch; `earlier` means that it is older than this sandbox."""

    endpoint: Endpoint
    contacts: Sequence[dict[str, Any]]
    earlier: bool


class _Line(Struct, frozen=True):
    offset: int
    size: int
    earlier: bool


class Store:
    """The received requests, with an index of message names, transactions and the number of jobs.

    Raises:
        Locked: another sandbox uses the directory.
        SendspecError: the directory is not usable, or its file is corrupt.
    """

    def __init__(self, directory: Path | None) -> None:
        self.message_names: set[str] = set()
        self.job_count = 0
        self._lines: list[_Line] = []
        self._batches: dict[str, _Line] = {}
        self._durable = directory is not None
        self._file = _open_temporary() if directory is None else _open(directory)
        self._end = 0
        try:
            self._load(directory)
        except BaseException:
            self._file.close()
            raise

    def append(self, request: ReceivedRequest) -> None:
        """Write one line, which from then on survives the end of the process and of the machine."""
        line = orjson.dumps(structs.asdict(request)) + b"\n"
        fd = self._file.fileno()
        try:
            _write_all(fd, line, self._end)
            if self._durable:
                os.fsync(fd)
        except OSError:
            os.ftruncate(fd, self._end)
            raise
        self._index(request, _Line(self._end, len(line), earlier=False))

    def lines(self) -> Iterator[bytes]:
        """Yield every line without its line break, in order."""
        for line in self._lines:
            yield self._read(line)

    def batch(self, transaction: str) -> AcceptedBatch | None:
        """Return the accepted batch of a transaction id, None if there is none."""
        line = self._batches.get(transaction)
        if line is None:
            return None
        request = orjson.loads(self._read(line))
        return AcceptedBatch(Endpoint(request["endpoint"]), request["body"]["contacts"], line.earlier)

    def close(self) -> None:
        """Close the file and release its lock."""
        self._file.close()

    def _read(self, line: _Line) -> bytes:
        return os.pread(self._file.fileno(), line.size - 1, line.offset)

    def _index(self, request: ReceivedRequest, line: _Line) -> None:
        self._end = line.offset + line.size
        self._lines.append(line)
        if not request.accepted:
            return
        if Endpoint(request.endpoint).traits.id_kind is IdKind.JOB:
            self.job_count += 1
            self.message_names.add(request.body["messageName"])
        else:
            self._batches[str(request.id)] = line

    def _load(self, directory: Path | None) -> None:
        """Index the lines of the file; remove a torn last line, whose request was never answered."""
        with io.BufferedReader(io.FileIO(self._file.fileno(), "rb", closefd=False)) as reader:
            for number, text in enumerate(reader, start=1):
                if not text.endswith(b"\n"):
                    break
                try:
                    self._index(
                        ReceivedRequest(**orjson.loads(text)), _Line(self._end, len(text), earlier=True)
                    )
                except (ValueError, TypeError, KeyError):
                    raise SendspecError(
                        f"{directory}/{FILE_NAME}:{number}: not a line of the sandbox",
                        hint="delete the file to start with an empty sandbox",
                    ) from None
        os.ftruncate(self._file.fileno(), self._end)


def _open_temporary() -> io.FileIO:
    return tempfile.TemporaryFile(buffering=0)


def _open(directory: Path) -> io.FileIO:
    """Open and lock the file of `directory`, for its owner only, because it may contain phone numbers."""
    path = directory / FILE_NAME
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = io.FileIO(_open_regular_file(path), "r+b")
    except OSError as error:
        raise SendspecError(
            f"{path}:1: the sandbox cannot use this file: {error.strerror}",
            hint="choose another directory, or fix its permissions",
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise Locked(
            f"{path} is in use by another sandbox", hint="stop the other sandbox, or wait until it ends"
        ) from None
    _sync_directory(directory)
    return file


def _open_regular_file(path: Path) -> int:
    """Open a regular file, because a link could redirect the writes and a pipe would block without end."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "not a regular file")
    return fd


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _write_all(fd: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, offset)
        view, offset = view[written:], offset + written
