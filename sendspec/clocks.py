"""Clocks of a run: the time of day, and the time that passes while the machine runs or sleeps."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, Protocol

from msgspec import Struct

_ELAPSED: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""The clock that no one sets and that counts a suspended machine (lid closed, paused virtual machine).

Linux has CLOCK_BOOTTIME for this, because its CLOCK_MONOTONIC stops during suspend. macOS does not have
it; its CLOCK_MONOTONIC continues while the system is asleep. Sources: clock_gettime(2) and clock_gettime(3).
"""


class Clock(Protocol):
    """Both clocks of one machine."""

    def wall(self) -> datetime:
        """Return the time of day, aware, in UTC; a person or a server may set it."""
        ...

    def elapsed(self) -> float:
        """Return the seconds since an arbitrary start."""
        ...


class SystemClock:
    """The clocks of the operating system."""

    def wall(self) -> datetime:
        """Return the time of day; see `Clock`."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Return the seconds since an arbitrary start; see `Clock`."""
        return time.clock_gettime(_ELAPSED)


class Deadline(Struct, frozen=True):
    """The latest instant of an action on both clocks; the one that comes first counts."""

    wall: datetime
    elapsed: float

    def has_passed(self, clock: Clock) -> bool:
        """Return whether it is over by one of the clocks."""
        return clock.wall() >= self.wall or clock.elapsed() >= self.elapsed
