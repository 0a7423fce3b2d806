"""A question on the terminal that a signal can always interrupt."""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import suppress


def read_answer(question: str) -> str:
    """Write a question to standard error, and return the line typed in answer, or '' at end of input.

    Python handles a signal that arrives just before a blocking read only after the next key. The wait
    therefore also watches the wake-up pipe of the signals.

    Raises:
        KeyboardInterrupt: the handler of a signal raised it.
        OSError: the terminal was closed.
    """
    wakeup_reader, wakeup_writer = os.pipe()
    os.set_blocking(wakeup_writer, False)
    previous = signal.set_wakeup_fd(wakeup_writer)
    try:
        sys.stderr.write(f"{question}: ")
        sys.stderr.flush()
        ready: list[object] = []
        while sys.stdin not in ready:
            ready, _, _ = select.select([sys.stdin, wakeup_reader], [], [])
            if wakeup_reader in ready:
                os.read(wakeup_reader, 1)
        line = sys.stdin.buffer.readline().decode(errors="replace")
        if not line.endswith("\n"):
            _end_line()
        return line.rstrip("\r\n")
    except KeyboardInterrupt:
        _end_line()
        raise
    finally:
        signal.set_wakeup_fd(previous)
        os.close(wakeup_reader)
        os.close(wakeup_writer)


def _end_line() -> None:
    """End the line of the question, because the answer did not."""
    with suppress(OSError):
        sys.stderr.write("\n")
        sys.stderr.flush()
