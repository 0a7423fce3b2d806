"""One simulated process: it counts its steps, and its fate says at which of them what befalls it."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.simulation.trace import Trace

NEVER: Final = 1 << 60
MOST_STEPS: Final = 20_000
"""More than any run of a simulated size can need: a run that gets here does not end."""


class Killed(BaseException):
    """The process is gone; raised again at whatever its unwinding stack still tries to do."""


class Endless(BaseException):
    """The process takes steps for ever."""


class Share(Enum):
    """How much of a step takes effect before it is cut short."""

    NOTHING = auto()
    HALF = auto()
    WHOLE = auto()

    def of(self, content: bytes) -> bytes:
        """Give the share of what was to be written."""
        if self is Share.HALF:
            return content[: len(content) // 2]
        return content if self is Share.WHOLE else b""


@dataclass(frozen=True, slots=True)
class Fate:
    """What befalls a process, each by the number of the step at which it does (from 1).

    A kill or a failure lets `share` of its step happen; a failure is one of the disk's or of the
    remote's, begins at the first step that can fail and is repeated `failures` times. `meets` are
    other processes that live their whole life within a step of this one.
    """

    killed_at: int = NEVER
    fails_at: int = NEVER
    failures: int = 1
    error: int = errno.EIO
    share: Share = Share.NOTHING
    stopped_at: int = NEVER
    aborted_at: int = NEVER
    meets: Mapping[int, Callable[[], None]] = field(default_factory=dict)


HARMLESS: Final = Fate()


class Mishap:
    """What cuts a step short: a kill or an error."""

    def __init__(self, share: Share, error: BaseException) -> None:
        self.share = share
        self.error = error


class Process:
    """Everything a process does passes through `step`, so that anything can befall it there."""

    def __init__(self, name: str, fate: Fate, trace: Trace) -> None:
        self.name = name
        self.fate = fate
        self.trace = trace
        self.steps = 0
        self.failed = 0
        self.gone = False
        self.can_fail = False
        """Whether the step at which it was killed could have failed."""
        self._alarm = min(fate.killed_at, fate.fails_at, MOST_STEPS, *fate.meets or (NEVER,))

    def step(self, what: str, *, can_fail: bool = False) -> Mishap | None:
        """Take a step; a mishap says that it is cut short.

        Raises:
            Killed: the process was killed before it, or is gone already.
        """
        self.steps += 1
        if self.trace.kept and not self.gone:
            self.trace.say(f"{self.name} {self.steps:>3} {what}")
        return self._befall(what, can_fail=can_fail) if self.steps >= self._alarm else None

    def _befall(self, what: str, *, can_fail: bool) -> Mishap | None:
        if self.gone:
            raise Killed
        fate = self.fate
        meeting = fate.meets.get(self.steps)
        if meeting is not None:
            meeting()
        if self.steps >= MOST_STEPS:
            raise Endless
        if self.steps >= fate.killed_at:
            self.trace.say(f"{self.name}     killed at: {what} ({fate.share.name.lower()} of it)")
            self.gone, self.can_fail = True, can_fail
            self._alarm = 0
            if fate.share is Share.NOTHING or not can_fail:
                raise Killed
            return Mishap(fate.share, Killed())
        if can_fail and self.steps >= fate.fails_at and self.failed < fate.failures:
            self.failed += 1
            error = OSError(fate.error, errno.errorcode[fate.error])
            self.trace.say(f"{self.name}     fails with {error.strerror}: {what}")
            return Mishap(fate.share, error)
        return None
