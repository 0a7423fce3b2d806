"""What a person sees while requests go out: a bar on a terminal, a line a request elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from sendspec.cli.console import Console
    from sendspec.protocol import Result


class Watch(Protocol):
    """What is told about the requests of a run."""

    def begin(self, total: int) -> None:
        """Hear how many requests there will be."""
        ...

    def tell(self, result: Result) -> None:
        """Hear what became of one of them."""
        ...


@contextmanager
def progress(console: Console) -> Iterator[Watch]:
    """Watch a run in the way that fits where standard error goes."""
    if not sys.stderr.isatty():
        yield _Lines(console)
        return
    bar = _Bar(console)
    try:
        yield bar
    finally:
        bar.end()


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, total: int) -> None:
        """Need no number."""

    def tell(self, result: Result) -> None:
        from sendspec.report.text import result_text  # noqa: PLC0415 - not needed for help

        self._console.record(result_text(result))


class _Bar:
    def __init__(self, console: Console) -> None:
        self._lines = _Lines(console)
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def begin(self, total: int) -> None:
        if not total:
            return
        from rich.console import Console as Terminal  # noqa: PLC0415 - only a terminal needs it
        from rich.progress import Progress  # noqa: PLC0415 - as above

        self._progress = Progress(console=Terminal(stderr=True), transient=True)
        self._task = self._progress.add_task("Sending", total=total)
        self._progress.start()

    def tell(self, result: Result) -> None:
        from sendspec.model import RequestState  # noqa: PLC0415 - loaded by now, and not needed for help

        if result.state is not RequestState.SENT:
            self._lines.tell(result)
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task)

    def end(self) -> None:
        if self._progress is not None:
            self._progress.stop()
