"""What happened, in lines a person can read; kept only when a schedule is replayed."""

from __future__ import annotations


class Trace:
    """Lines of one history; `kept` is False where thousands run and nobody would read them."""

    def __init__(self, *, kept: bool = False) -> None:
        self.kept = kept
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        """Keep a line."""
        if self.kept:
            self.lines.append(line)
