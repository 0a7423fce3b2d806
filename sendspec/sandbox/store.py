"""What the sandbox received, in order: one JSON line each, durable before the answer goes out.

The lines stay on disk (without a directory, in an unnamed temporary file), so that memory does not
grow with the contacts; what is kept of each line is where it stands.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import stat
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from sendspec.errors import Locked, SendspecError
from sendspec.model import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FILE_NAME: Final = "received.jsonl"


@dataclass(frozen=True, slots=True)
class Received:
    """One request to a sending endpoint; `body` is JSON, or the text of what was not JSON.

    `status` is the answer that was decided, None where the connection was to end before that; a
    fault may have kept it from arriving. `at` is RFC 3339.
    """

    endpoint: str
    path: str
    body: Any
    accepted: bool
    id: int | str | None
    status: int | None
    at: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """An accepted batch: its contacts, and whether it was there when this sandbox started."""

    endpoint: Endpoint
    contacts: Sequence[dict[str, Any]]
    earlier: bool


@dataclass(frozen=True, slots=True)
class _Line:
    offset: int
    size: int
    earlier: bool


class Store:
    """Everything received, and what must be looked up in it: message names, transactions, job count.

    Raises:
        Locked: another sandbox uses the directory.
        SendspecError: the directory cannot be used, or its file is damaged.
    """

    def __init__(self, directory: Path | None) -> None:
        self.names: set[str] = set()
        self.jobs = 0
        self._lines: list[_Line] = []
        self._transactions: dict[str, _Line] = {}
        self._durable = directory is not None
        self._file = _temporary() if directory is None else _opened(directory)
        self._end = 0
        try:
            self._load(directory)
        except BaseException:
            self._file.close()
            raise

    def append(self, received: Received) -> None:
        """Write one line; when this returns, it survives the end of the process and of the machine."""
        line = orjson.dumps(received) + b"\n"
        fd = self._file.fileno()
        try:
            _write_all(fd, line, self._end)
            if self._durable:
                os.fsync(fd)
        except OSError:
            os.ftruncate(fd, self._end)
            raise
        self._index(received, _Line(self._end, len(line), earlier=False))

    def lines(self) -> Iterator[bytes]:
        """Give every line without its end, in order."""
        for line in self._lines:
            yield self._read(line)

    def transaction(self, identifier: str) -> Transaction | None:
        """Give an accepted batch by its transaction id."""
        line = self._transactions.get(identifier)
        if line is None:
            return None
        found = orjson.loads(self._read(line))
        return Transaction(Endpoint(found["endpoint"]), found["body"]["contacts"], line.earlier)

    def close(self) -> None:
        """Let go of the file and of its lock."""
        self._file.close()

    def _read(self, line: _Line) -> bytes:
        return os.pread(self._file.fileno(), line.size - 1, line.offset)

    def _index(self, received: Received, line: _Line) -> None:
        self._end = line.offset + line.size
        self._lines.append(line)
        if not received.accepted:
            return
        if received.endpoint == Endpoint.CONTACT_SOURCE:
            self.jobs += 1
            self.names.add(received.body["messageName"])
        else:
            self._transactions[str(received.id)] = line

    def _load(self, directory: Path | None) -> None:
        """Index the lines that are there; a torn last one was never answered, and goes."""
        with io.BufferedReader(io.FileIO(self._file.fileno(), "rb", closefd=False)) as reader:
            for number, text in enumerate(reader, start=1):
                if not text.endswith(b"\n"):
                    break
                try:
                    self._index(Received(**orjson.loads(text)), _Line(self._end, len(text), earlier=True))
                except (ValueError, TypeError, KeyError):
                    raise SendspecError(
                        f"{directory}/{FILE_NAME}:{number}: not a line that the sandbox wrote",
                        hint="delete the file to start with an empty sandbox",
                    ) from None
        os.ftruncate(self._file.fileno(), self._end)


def _temporary() -> io.FileIO:
    return tempfile.TemporaryFile(buffering=0)


def _opened(directory: Path) -> io.FileIO:
    """Open and lock the file of `directory`; it may hold phone numbers, so it is its owner's only."""
    path = directory / FILE_NAME
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = io.FileIO(_opened_itself(path), "r+b")
    except OSError as error:
        raise SendspecError(
            f"{path}:1: the sandbox cannot use this file: {error.strerror}",
            hint="choose another directory, or mend its permissions",
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise Locked(
            f"{path} is in use by another sandbox", hint="stop the other one, or wait until it ends"
        ) from None
    _sync_directory(directory)
    return file


def _opened_itself(path: Path) -> int:
    """Open the file itself: a link could lead the writing elsewhere, a pipe would wait for ever."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is not a regular file")
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
