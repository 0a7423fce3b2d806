"""The three standard streams of a process, made fit to be written to whatever they are."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

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
        # What the terminal's encoding cannot show is shown as an escape, as on standard error.
        sys.stdout.reconfigure(errors="backslashreplace")


def _present(stream: TextIO | None, handle: int) -> TextIO:
    return stream or open(handle, "w", encoding="utf-8", closefd=False)
