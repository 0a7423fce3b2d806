"""Trace of a history: the lines that a person reads to follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sendspec.protocol import Event


class Trace:
    """The lines of one history; `kept` is False while thousands of histories run unread."""

    def __init__(self, *, kept: bool = False) -> None:
        self.kept = kept
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        """Append a line, if lines are kept."""
        if self.kept:
            self.lines.append(line)


class TraceObserver:
    """An observer that writes the events of a run to a trace."""

    def __init__(self, trace: Trace, process: str) -> None:
        self._trace = trace
        self._process = process

    def on_event(self, event: Event) -> None:
        """Write one event."""
        self._trace.say(f"{self._process}     {event}")
