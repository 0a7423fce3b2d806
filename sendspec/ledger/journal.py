"""A file that is only appended to: one line an append, durable when the append returns.

A line is a CRC-32 in hexadecimal, a space, and JSON. Everything one append carries is on one line,
so a crash tears at most the last line, whole: what was in it was never acted upon.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import TYPE_CHECKING, Any

from sendspec.errors import LedgerDamaged, LedgerError

if TYPE_CHECKING:
    from pathlib import Path


def sync_directory(directory: Path) -> None:
    """Make the creation, renaming or removal of a file in `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Replace `path` by `content`, so that a crash leaves the old file or the new one."""
    temporary = path.with_name(path.name + ".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.replace(path)
    sync_directory(path.parent)


def write_all(descriptor: int, content: bytes) -> None:
    """Write every byte of `content`, however many calls the system takes for it."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def encode_line(value: Any) -> bytes:
    """Give the line that says `value`."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def decode_lines(content: bytes, shown: str) -> tuple[list[Any], int]:
    """Read a journal: the values of its lines, and how many bytes of it are sound.

    A torn last line is left out: nothing was done on the strength of it.

    Raises:
        LedgerDamaged: any line but the last is not what was written.
    """
    values: list[Any] = []
    sound = 0
    lines = content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        complete = number < len(lines)
        if not complete and not line:
            break
        value = _decode_line(line) if complete else _TORN
        if value is _TORN:
            if b"\n" in content[sound + len(line) + 1 :] or (complete and any(lines[number:])):
                raise LedgerDamaged(
                    f"{shown}:{number}: this line is not what sendspec wrote",
                    hint="only a torn last line is explained by a crash; restore the file from a backup, or "
                    "settle what it recorded by hand with `sendspec resolve`",
                )
            break
        values.append(value)
        sound += len(line) + 1
    return values, sound


_TORN: Any = object()


def _decode_line(line: bytes) -> Any:
    head, _, text = line.partition(b" ")
    try:
        if len(head) != 8 or int(head, 16) != zlib.crc32(text):  # noqa: PLR2004 - CRC-32 in hexadecimal
            return _TORN
        return json.loads(text)
    except ValueError:
        return _TORN


class Journal:
    """An open journal; the caller holds the lock that keeps every other writer out."""

    def __init__(self, path: Path, sound: int) -> None:
        """Open `path`, cutting off what lies beyond its `sound` bytes; create it if it is not there.

        Raises:
            LedgerError: the file cannot be opened or made durable.
        """
        self._path = path
        self._broken = False
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._failure(error) from error
        try:
            if os.fstat(self._descriptor).st_size != sound:
                os.ftruncate(self._descriptor, sound)
            os.fsync(self._descriptor)
            sync_directory(path.parent)
        except OSError as error:
            os.close(self._descriptor)
            raise self._failure(error) from error

    def append(self, value: Any) -> None:
        """Append one line and make it durable.

        Raises:
            LedgerError: it may or may not be there now; no further append is taken.
        """
        if self._broken:
            raise LedgerError(f"{self._path} failed before and takes nothing more in this run")
        try:
            write_all(self._descriptor, encode_line(value))
            os.fsync(self._descriptor)
        except OSError as error:
            self._broken = True
            raise self._failure(error) from error

    def close(self) -> None:
        """Close the file; it stays where it is."""
        os.close(self._descriptor)

    def _failure(self, error: OSError) -> LedgerError:
        return LedgerError(
            f"cannot write {self._path}: {error.strerror or error}",
            hint="make room or mend the disk, then run the same command again: it resumes from the ledger",
        )
