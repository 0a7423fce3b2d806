"""The journal: an append-only file with one durable line per append.

A line is a CRC-32 in hexadecimal, a space, and JSON. One append is one line, so a crash tears at most
the whole last append, on which nothing was done.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import orjson

from sendspec.errors import LedgerCorrupt, LedgerError
from sendspec.parallel import DaemonThreadPool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sendspec.ledger.filesystem import Filesystem

_TORN: Any = object()


def to_json(value: Any, *, indented: bool = False) -> bytes:
    """Return JSON with sorted keys, on one line or indented by two spaces.

    orjson is thirty times as fast as `json`. It refuses integers of more than 64 bits and lone
    surrogates, which come from command-line bytes that are not UTF-8; `json` writes both.
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
    """Return the journal line with `value`."""
    text = to_json(value)
    return b"%08x %s\n" % (zlib.crc32(text), text)


def decode_lines(content: bytes, shown: str) -> tuple[list[Any], int]:
    """Return the values of a journal's lines, and the length of its valid part in bytes.

    A torn last line is omitted, because its append never returned. `shown` is the journal's name in
    messages.

    Raises:
        LedgerCorrupt: a line other than a torn last one was changed.
    """
    values: list[Any] = []
    valid = 0
    while valid < len(content):
        end = content.find(b"\n", valid)
        value = _decode_line(content[valid:end]) if end >= 0 else _TORN
        # A crash leaves a part of the last line, or zeros if a block of it was never written to disk.
        whole = 0 <= end < len(content) - 1 or (end >= 0 and b"\0" not in content[valid:end])
        if value is _TORN and whole:
            raise LedgerCorrupt(
                f"{shown}:{len(values) + 1}: this line was changed after sendspec wrote it",
                hint="find out who changed it, and undo the change; a crash can tear only the last line",
            )
        if value is _TORN:
            break
        values.append(value)
        valid = end + 1
    return values, valid


def _decode_line(line: bytes) -> Any:
    head, _, text = line.partition(b" ")
    try:
        if len(head) != 8 or int(head, 16) != zlib.crc32(text):  # noqa: PLR2004 - CRC-32 in hexadecimal
            return _TORN
        return json.loads(text)
    except ValueError:
        return _TORN


class Journal:
    """An open journal and its copies; the caller holds the locks that exclude every other writer."""

    def __init__(self, filesystem: Filesystem, path: Path, copy: Path | None = None) -> None:
        """Create `path`, empty, and a private `copy` of it; the caller has folded the lines of earlier runs.

        Raises:
            LedgerError: a file cannot be created or made durable.
        """
        self._filesystem = filesystem
        self._paths = (path,) if copy is None else (path, copy)
        self._handles: list[int] = []
        self._flushing: DaemonThreadPool | None = None
        self._failed = False
        self.may_have_lines = False
        """Whether a line was, or may have been, appended."""
        for each in self._paths:
            try:
                self._handles.append(filesystem.open(each, private=each is copy))
                filesystem.sync(self._handles[-1])
                filesystem.sync_directory(each.parent)
            except OSError as error:
                self.close()
                raise _write_error(each, error) from error

    def append(self, value: Any) -> None:
        """Append one line to every file and make it durable.

        A copy never has a line that the journal lacks, because the journal is written first.

        Raises:
            LedgerError: the line may or may not be durable; every further append is refused.
        """
        if self._failed:
            raise LedgerError(
                f"{self._paths[0]}: an earlier write failed, so this run writes nothing more to it",
                hint="free disk space or repair the disk, then run the same command again",
            )
        self.may_have_lines = True
        line, path = encode_line(value), self._paths[0]
        try:
            for path, handle in zip(self._paths, self._handles, strict=True):  # noqa: B007 - named in the error
                self._filesystem.write(handle, line)
            path = self._paths[0]
            self._filesystem.sync_all(self._handles, self._start_thread)
        except OSError as error:
            self._failed = True
            raise _write_error(path, error) from error

    @property
    def is_in_place(self) -> bool:
        """Whether each path still leads to its open file."""
        return all(map(self._filesystem.is_named, self._handles, self._paths))

    def close(self) -> None:
        """Close the files and leave them in place."""
        if self._flushing is not None:
            self._flushing.shutdown(wait=True)
        for handle in self._handles:
            self._filesystem.close(handle)

    def _start_thread(self, flush: Callable[[], None]) -> None:
        # A new thread for each append would cost more than the append.
        if self._flushing is None:
            self._flushing = DaemonThreadPool(1, "fsync")
        self._flushing.submit(flush)


def _write_error(path: Path, error: OSError) -> LedgerError:
    return LedgerError(
        f"cannot write {path}: {error.strerror or error}",
        hint="free disk space or repair the disk, then run the same command again; it resumes from the "
        "ledger",
    )
