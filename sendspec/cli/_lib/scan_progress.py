"""Progress of the scan of large lists: one line on the terminal of a person, a few lines in CI."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sendspec.cli._lib.ci import in_ci
from sendspec.clocks import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sendspec.audience import ScanObserver
    from sendspec.cli._lib.console import Console
    from sendspec.clocks import Clock

TERMINAL_SECONDS: Final = 0.1
CI_SECONDS: Final = 10.0
BYTES_MIN: Final = 4_000_000
"""Below this size a scan ends before a person can read the line."""
ROWS_MIN: Final = 50_000
"""The same for a query."""

_SECOND_PASS: Final = 1.25
"""Reads beyond this share of a list belong to a second pass; the header is also read twice."""

_SYSTEM_CLOCK: Final = SystemClock()


@contextmanager
def show_scan(console: Console, clock: Clock = _SYSTEM_CLOCK) -> Iterator[ScanObserver | None]:
    """Yield the observer of a scan: it redraws a line on a terminal and writes lines in CI.

    Without either it is None. The line disappears at the end.
    """
    if in_ci():
        yield ScanProgress(console.info, clock, CI_SECONDS, first=CI_SECONDS)
    elif sys.stderr.isatty():
        try:
            yield ScanProgress(console.draw, clock, TERMINAL_SECONDS, first=0)
        finally:
            console.erase()
    else:
        yield None


class ScanProgress:
    """Writes the progress of a scan at most every `interval` seconds, from `first` seconds on."""

    def __init__(self, write: Callable[[str], None], clock: Clock, interval: float, *, first: float) -> None:
        self._write = write
        self._clock = clock
        self._interval = interval
        self._started = self._list_started = clock.elapsed()
        self._next = self._started + first
        self._total = self._before = self._size = self._read = self._rows = 0

    def on_scan(self, total: int) -> None:
        """Receive the size of all lists."""
        self._total = total

    def on_list(self, size: int) -> None:
        """Receive the size of the list that is next; the one before it is done."""
        self._before += self._size
        self._size, self._read, self._rows = size, 0, 0
        self._list_started = self._clock.elapsed()

    def on_read(self, count: int) -> None:
        """Receive the size of one read, and write a line if one is due."""
        self._read += count
        now = self._clock.elapsed()
        if self._total < BYTES_MIN or now < self._next:
            return
        from sendspec.report.scan_progress import scan_line

        self._next = now + self._interval
        done = self._before + min(self._read, self._size)
        repeats = self._read > _SECOND_PASS * self._size
        self._write(scan_line(done, self._total, now - self._started, repeats=repeats))

    def on_rows(self, count: int) -> None:
        """Receive the number of rows of a query that were read, and write a line if one is due."""
        self._rows += count
        now = self._clock.elapsed()
        if self._rows < ROWS_MIN or now < self._next:
            return
        from sendspec.report.scan_progress import rows_line

        self._next = now + self._interval
        self._write(rows_line(self._rows, now - self._list_started))
