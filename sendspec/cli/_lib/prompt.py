"""A question on the terminal that a signal can always end."""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import suppress


def ask(question: str) -> str:
    """Ask on standard error, and give the line that is answered, '' where there is none.

    A signal that arrives between the question and the reading of the answer would be noticed only
    with the next key: the wait therefore also listens to the signals themselves.

    Raises:
        KeyboardInterrupt: from the handler of a signal, if that is what it raises.
        OSError: the terminal has gone.
    """
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    before = signal.set_wakeup_fd(wakes)
    try:
        sys.stderr.write(f"{question}: ")
        sys.stderr.flush()
        ready: list[object] = []
        while sys.stdin not in ready:
            ready, _, _ = select.select([sys.stdin, woken], [], [])
            if woken in ready:
                os.read(woken, 1)
        line = sys.stdin.buffer.readline().decode(errors="replace")
        if not line.endswith("\n"):
            _end_line()
        return line.rstrip("\r\n")
    except KeyboardInterrupt:
        _end_line()
        raise
    finally:
        signal.set_wakeup_fd(before)
        os.close(woken)
        os.close(wakes)


def _end_line() -> None:
    """End the line of the question, which no answer has ended."""
    with suppress(OSError):
        sys.stderr.write("\n")
        sys.stderr.flush()
