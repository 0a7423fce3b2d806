"""Progress of a run: a bar on the terminal of a person, one line per request elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from sendspec.cli._lib.ci import in_ci

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from sendspec.cli._lib.console import Console
    from sendspec.protocol import Result


class ProgressReporter(Protocol):
    """Reports each request of a run as soon as its outcome is known."""

    def report(self, result: Result) -> None:
        """Report the outcome of one request."""
        ...


@contextmanager
def show_progress(console: Console, total: int) -> Iterator[ProgressReporter]:
    """Yield a reporter for `total` requests: a bar on the terminal of a person, else lines.

    The log of a CI service keeps every redrawing of a bar, although it may be a pseudo-terminal.
    """
    if not sys.stderr.isatty() or in_ci():
        yield _LineReporter(console)
        return
    from rich.console import Console as Terminal
    from rich.progress import Progress

    bar = Progress(console=Terminal(stderr=True), transient=True)
    task = bar.add_task("Sending", total=total)
    # A terminal that was closed must not stop a run that is sending.
    with suppress(OSError):
        bar.start()
    try:
        yield _BarReporter(_LineReporter(console), bar, task)
    finally:
        with suppress(OSError):
            bar.stop()


class _LineReporter:
    def __init__(self, console: Console) -> None:
        self._console = console

    def report(self, result: Result) -> None:
        from sendspec.report.text import result_text

        self._console.write_log_line(result_text(result))


class _BarReporter:
    def __init__(self, lines: _LineReporter, bar: Progress, task: TaskID) -> None:
        self._lines = lines
        self._bar = bar
        self._task = task

    def report(self, result: Result) -> None:
        from sendspec.model import RequestState

        if result.state is not RequestState.SENT:
            self._lines.report(result)
        with suppress(OSError):
            self._bar.advance(self._task)
