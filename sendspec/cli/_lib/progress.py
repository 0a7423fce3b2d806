"""What a person sees while requests go out: a bar on a terminal, a line a request elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from sendspec.cli._lib.console import Console
    from sendspec.protocol import Result


class Watch(Protocol):
    """What is told about the requests of a run."""

    def tell(self, result: Result) -> None:
        """Hear what became of one of them."""
        ...


@contextmanager
def progress(console: Console, total: int) -> Iterator[Watch]:
    """Watch `total` requests in the way that fits where standard error goes."""
    if not sys.stderr.isatty():
        yield _Lines(console)
        return
    from rich.console import Console as Terminal
    from rich.progress import Progress

    bar = Progress(console=Terminal(stderr=True), transient=True)
    task = bar.add_task("Sending", total=total)
    # That the terminal has gone is no reason to stop in the middle of sending.
    with suppress(OSError):
        bar.start()
    try:
        yield _Bar(_Lines(console), bar, task)
    finally:
        with suppress(OSError):
            bar.stop()


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console

    def tell(self, result: Result) -> None:
        from sendspec.report.text import result_text

        self._console.record(result_text(result))


class _Bar:
    def __init__(self, lines: _Lines, bar: Progress, task: TaskID) -> None:
        self._lines = lines
        self._bar = bar
        self._task = task

    def tell(self, result: Result) -> None:
        from sendspec.model import RequestState

        if result.state is not RequestState.SENT:
            self._lines.tell(result)
        with suppress(OSError):
            self._bar.advance(self._task)
