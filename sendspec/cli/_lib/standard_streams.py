"""The three standard streams of a process, made fit to be written to whatever they are."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO

_STANDARD = 3


def prepare() -> None:
    """See that standard streams are there, and that standard output can take any text.

    A stream that was closed (`2>&-`, some schedulers) would let the next file that is opened, such as
    the ledger, take its number, and whatever is written to the stream would land in that file.
    """
    handle = os.open(os.devnull, os.O_RDWR)
    while handle < _STANDARD:
        os.set_inheritable(handle, True)  # noqa: FBT003 - for git, as the stream would have been
        handle = os.open(os.devnull, os.O_RDWR)
    os.close(handle)
    sys.stdout = _present(sys.stdout, 1)
    sys.stderr = _present(sys.stderr, 2)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _whole(sys.stdout)


def finish() -> None:
    """See that a stream which failed is not written to once more at the end of the interpreter.

    That would end the process with 120 and a complaint, whatever the verb made of the failure.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            _discard(stream)


def _discard(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _whole(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """Give a stream that shows as an escape what its encoding cannot, and writes all of a text or fails.

    With PYTHONUNBUFFERED nothing notices that a pipe took the first half of a plan only.
    """
    encoding = stream.encoding
    buffer: Any = stream.buffer
    if isinstance(buffer, io.RawIOBase):
        buffer = io.BufferedWriter(stream.detach())
        return io.TextIOWrapper(buffer, encoding=encoding, errors="backslashreplace")
    stream.reconfigure(errors="backslashreplace")
    return stream


def _present(stream: TextIO | None, handle: int) -> TextIO:
    return stream or open(handle, "w", encoding="utf-8", closefd=False)
