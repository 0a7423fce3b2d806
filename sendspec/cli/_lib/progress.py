"""Progress of a run: a bar on the terminal of a person, one line per request elsewhere."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Protocol

from sendspec.cli._lib.ci import in_ci

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.progress import Progress, Task, TaskID

    from sendspec.cli._lib.console import Console
    from sendspec.protocol import RepetitionDelayed, Result

_DRAW_SECONDS: Final = 0.1
"""Shortest time between two outputs, which take the processor from the threads that post."""

_FRAMES_A_SECOND: Final = 4
"""Frames of the bar: one takes some milliseconds, in which no thread can post."""

_WHOLE_FROM: Final = 10
"""The rate from which its decimals do not matter."""


class ProgressReporter(Protocol):
    """Reports each request of a run as soon as its outcome is known."""

    def report(self, result: Result) -> None:
        """Report the outcome of one request; return immediately."""
        ...

    def announce(self, delay: RepetitionDelayed) -> None:
        """Report that a request waits before it is repeated."""
        ...


class _Display(Protocol):
    """The output of some results together."""

    def show(self, results: Sequence[Result]) -> None: ...

    def announce(self, delay: RepetitionDelayed) -> None: ...


@contextmanager
def show_progress(console: Console, total: int) -> Iterator[ProgressReporter]:
    """Yield a reporter for `total` requests: a bar on the terminal of a person, else lines.

    The log of a CI service keeps every redrawing of a bar, although it may be a pseudo-terminal. A thread
    writes, so that a slow terminal does not delay a post. At the end it has written everything.
    """
    if not sys.stderr.isatty() or in_ci():
        with _reporting(_Lines(console)) as reporter:
            yield reporter
        return
    bar, task = _make_bar(total)
    # A terminal that was closed must not stop a run that is sending.
    with suppress(OSError):
        bar.start()
    try:
        with _reporting(_Bar(_Lines(console), bar, task)) as reporter:
            yield reporter
    finally:
        with suppress(OSError):
            bar.stop()


@contextmanager
def _reporting(display: _Display) -> Iterator[ProgressReporter]:
    reporter = _ThreadReporter(display)
    try:
        yield reporter
    finally:
        reporter.end()


class _ThreadReporter:
    """Passes the results to a display in a thread, at most ten times a second."""

    def __init__(self, display: _Display) -> None:
        self._display = display
        self._results: SimpleQueue[Result | RepetitionDelayed | None] = SimpleQueue()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._thread.start()

    def report(self, result: Result) -> None:
        self._results.put(result)

    def announce(self, delay: RepetitionDelayed) -> None:
        self._results.put(delay)

    def end(self) -> None:
        """Wait until everything is shown."""
        self._ending.set()
        self._results.put(None)
        self._thread.join()

    def _run(self) -> None:
        from sendspec.protocol import RepetitionDelayed, Result

        ended = False
        while not ended:
            results = [self._results.get(), *self._waiting()]
            ended = None in results
            for delay in results:
                if isinstance(delay, RepetitionDelayed):
                    self._display.announce(delay)
            self._display.show([result for result in results if isinstance(result, Result)])
            self._ending.wait(_DRAW_SECONDS)

    def _waiting(self) -> Iterator[Result | RepetitionDelayed | None]:
        with suppress(Empty):
            while True:
                yield self._results.get_nowait()


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, results: Sequence[Result]) -> None:
        from sendspec.report.text import result_text

        if results:
            self._console.write_log_line("\n".join(map(result_text, results)))

    def announce(self, delay: RepetitionDelayed) -> None:
        from sendspec.report.text import delay_text

        self._console.write_log_line(delay_text(delay.key, delay.until))


class _Bar:
    def __init__(self, lines: _Lines, bar: Progress, task: TaskID) -> None:
        self._lines = lines
        self._bar = bar
        self._task = task

    def show(self, results: Sequence[Result]) -> None:
        from sendspec.model import RequestState

        self._lines.show([result for result in results if result.state is not RequestState.SENT])
        with suppress(OSError):
            self._bar.advance(self._task, len(results))

    def announce(self, delay: RepetitionDelayed) -> None:
        self._lines.announce(delay)


def _make_bar(total: int) -> tuple[Progress, TaskID]:
    """Return a bar with count, rate and time left."""
    from rich.console import Console as Terminal
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """The requests a second."""

        def render(self, task: Task) -> Text:
            rate = task.speed or 0.0
            return Text(f"{rate:,.{0 if rate >= _WHOLE_FROM else 1}f} requests/s" if rate else "")

    columns = ("Sending", BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    terminal = Terminal(stderr=True)
    bar = Progress(*columns, console=terminal, transient=True, refresh_per_second=_FRAMES_A_SECOND)
    return bar, bar.add_task("", total=total)
