"""Clocks for tests: the system's, moved by what a test or a file says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sendspec.clocks import Deadline, SystemClock

if TYPE_CHECKING:
    from pathlib import Path

NEVER: Final = Deadline(datetime(9999, 1, 1, tzinfo=UTC), float("inf"))
"""A deadline for posts that may be as late as they like."""


class MovedClock(SystemClock):
    """The system's clocks, each moved by the seconds in a file, so that another process can move them.

    The file has two numbers, for the wall clock and for the elapsed time; without it nothing is moved.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def move(self, wall: float, elapsed: float) -> None:
        self._path.write_text(f"{wall} {elapsed}", encoding="utf-8")

    def wall(self) -> datetime:
        return super().wall() + timedelta(seconds=self._moved()[0])

    def elapsed(self) -> float:
        return super().elapsed() + self._moved()[1]

    def _moved(self) -> tuple[float, float]:
        if not self._path.exists():
            return 0.0, 0.0
        wall, elapsed = self._path.read_text(encoding="utf-8").split()
        return float(wall), float(elapsed)


class SetClock:
    """A clock that stands at `seconds` after a start, until the test sets it."""

    START: Final = datetime(2026, 12, 1, 12, tzinfo=UTC)

    def __init__(self) -> None:
        self.seconds = 0.0

    def wall(self) -> datetime:
        return self.START + timedelta(seconds=self.seconds)

    def elapsed(self) -> float:
        return self.seconds
