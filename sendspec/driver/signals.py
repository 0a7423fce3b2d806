"""Signals during an apply."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType


class Signals:
    """SIGINT, SIGTERM and SIGHUP (a closed terminal) during a `with` block.

    Until `listen` is called a signal raises KeyboardInterrupt, because nothing is in flight. A SIGHUP
    that was ignored before, as under `nohup`, stays ignored.
    """

    def __init__(self) -> None:
        self._handler: Callable[[], None] = _raise_interrupt
        self.deferred = False
        """Whether a signal came after `defer`."""

    def listen(self, handler: Callable[[], None]) -> None:
        """Call `handler` for every further signal, inside the signal handler."""
        self._handler = handler

    def ignore(self) -> None:
        """Ignore every further signal."""
        self._handler = _ignore_signal

    def defer(self) -> None:
        """Only remember further signals, in `deferred`."""
        self._handler = self._remember

    def _remember(self) -> None:
        self.deferred = True

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Let a signal raise KeyboardInterrupt in this block; a deferred one raises immediately."""
        if self.deferred:
            raise KeyboardInterrupt
        before, self._handler = self._handler, _raise_interrupt
        try:
            yield
        finally:
            self._handler = before

    def __enter__(self) -> Self:
        self._before = {
            number: signal.signal(number, self._handle) for number in (signal.SIGINT, signal.SIGTERM)
        }
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            self._before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            # The system and the shell each send one, so a second SIGHUP is not the second signal of a person.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._handler()


def _raise_interrupt() -> None:
    raise KeyboardInterrupt


def _ignore_signal() -> None:
    """Do nothing, because the run is ending already."""
