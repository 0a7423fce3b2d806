"""A file that is only appended to: one line an append, durable when the append returns.

A line is a CRC-32 in hexadecimal, a space, and JSON. Everything one append carries is on one line,
so a crash tears at most the last line, whole: what was in it was never acted upon.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import orjson

from sendspec.errors import LedgerCorrupt, LedgerError

if TYPE_CHECKING:
    from pathlib import Path

    from sendspec.ledger.filesystem import Filesystem

_TORN: Any = object()


def to_json(value: Any, *, indented: bool = False) -> bytes:
    """Write JSON with sorted keys, on one line or indented by two.

    orjson is thirty times as fast and refuses what few ever write: integers of more than 64 bits, and
    the lone surrogate that stands for a byte of the command line which is no UTF-8.
    """
    layout = orjson.OPT_INDENT_2 if indented else 0
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | layout)
    except TypeError:
        separators = (",", ": ") if indented else (",", ":")
        text = json.dumps(
            value,
            sort_keys=True,
            ensure_ascii=False,
            indent=2 if indented else None,
            separators=separators,
        )
        return text.encode(errors="backslashreplace")


def encode_line(value: Any) -> bytes:
    """Give the line that says `value`."""
    text = to_json(value)
    return b"%08x %s\n" % (zlib.crc32(text), text)


def decode_lines(content: bytes, shown: str) -> tuple[list[Any], int]:
    """Read a journal: the values of its lines, and how many bytes of it are sound.

    A torn last line is left out: nothing was done on the strength of it.

    Raises:
        LedgerDamaged: any line but the last is not what was written.
    """
    values: list[Any] = []
    sound = 0
    while sound < len(content):
        end = content.find(b"\n", sound)
        value = _decode_line(content[sound:end]) if end >= 0 else _TORN
        # A crash leaves a part of the last line, or zeros where a block of it never reached the disk.
        whole = 0 <= end < len(content) - 1 or (end >= 0 and b"\0" not in content[sound:end])
        if value is _TORN and whole:
            raise LedgerCorrupt(
                f"{shown}:{len(values) + 1}: this line is not what sendspec wrote",
                hint="only a torn last line is explained by a crash; restore the file from a backup, or "
                "settle what it recorded by hand with `sendspec resolve`",
            )
        if value is _TORN:
            break
        values.append(value)
        sound = end + 1
    return values, sound


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

    def __init__(self, filesystem: Filesystem, path: Path) -> None:
        """Begin `path`, empty; what an earlier run left in it was folded before.

        Raises:
            LedgerError: the file cannot be opened or made durable.
        """
        self._disk = filesystem
        self._path = path
        self._broken = False
        self.touched = False
        """Whether anything was, or may have been, appended."""
        try:
            self._handle = filesystem.open(path)
        except OSError as error:
            raise self._failure(error) from error
        try:
            filesystem.sync(self._handle)
            filesystem.sync_directory(path.parent)
        except OSError as error:
            filesystem.close(self._handle)
            raise self._failure(error) from error

    def append(self, value: Any) -> None:
        """Append one line and make it durable.

        Raises:
            LedgerError: it may or may not be there now; no further append is taken.
        """
        if self._broken:
            raise LedgerError(f"{self._path} failed before and takes nothing more in this run")
        self.touched = True
        try:
            self._disk.write(self._handle, encode_line(value))
            self._disk.sync(self._handle)
        except OSError as error:
            self._broken = True
            raise self._failure(error) from error

    @property
    def in_place(self) -> bool:
        """Whether the file is still what its path leads to."""
        return self._disk.is_named(self._handle, self._path)

    def close(self) -> None:
        """Close the file; it stays where it is."""
        self._disk.close(self._handle)

    def _failure(self, error: OSError) -> LedgerError:
        return LedgerError(
            f"cannot write {self._path}: {error.strerror or error}",
            hint="make room or mend the disk, then run the same command again: it resumes from the ledger",
        )
