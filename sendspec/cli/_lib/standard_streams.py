"""Standard streams of the process, replaced where they are closed or cannot encode a text."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO

_STREAM_COUNT = 3


def prepare() -> None:
    """Open closed standard streams, and let standard output write any text.

    If a stream is closed (`2>&-`, some schedulers), the next opened file takes its number. Output for
    the stream would then be written into that file, such as the ledger.
    """
    handle = os.open(os.devnull, os.O_RDWR)
    while handle < _STREAM_COUNT:
        os.set_inheritable(handle, True)  # noqa: FBT003 - git inherits the standard streams
        handle = os.open(os.devnull, os.O_RDWR)
    os.close(handle)
    sys.stdout = _open_if_closed(sys.stdout, 1)
    sys.stderr = _open_if_closed(sys.stderr, 2)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _without_partial_writes(sys.stdout)


def finish() -> None:
    """Flush both output streams, and discard the buffer of one that fails.

    The interpreter would otherwise write to it again, print an error and exit with 120.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            _discard(stream)


def _discard(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _without_partial_writes(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """Return a stream that escapes what its encoding lacks, and writes all of a text or fails.

    With PYTHONUNBUFFERED, Python does not notice that a pipe took only the first half of a plan.
    """
    encoding = stream.encoding
    buffer: Any = stream.buffer
    if isinstance(buffer, io.RawIOBase):
        buffer = io.BufferedWriter(stream.detach())
        return io.TextIOWrapper(buffer, encoding=encoding, errors="backslashreplace")
    stream.reconfigure(errors="backslashreplace")
    return stream


def _open_if_closed(stream: TextIO | None, handle: int) -> TextIO:
    return stream or open(handle, "w", encoding="utf-8", closefd=False)
