"""A simulated process: every operation is a numbered step, at which a fault plan can strike."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.simulation.self_checks import Misreport
    from tests.simulation.trace import Trace

NEVER: Final = 1 << 60
MOST_STEPS: Final = 20_000
"""More steps than any simulated run needs: a run that reaches this number does not end."""


class Killed(BaseException):
    """The process was killed; raised again for every further operation of the unwinding stack."""


class EndlessRun(BaseException):
    """The process never ends."""


class Extent(Enum):
    """The part of an operation that takes effect before a fault."""

    NOTHING = auto()
    HALF = auto()
    WHOLE = auto()

    def of(self, content: bytes) -> bytes:
        """Return the part of `content` that is written."""
        if self is Extent.HALF:
            return content[: len(content) // 2]
        return content if self is Extent.WHOLE else b""


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """The faults of a process, each by the number of its step (from 1).

    A kill or a failure lets `extent` of its step take effect. A failure is an error of the disk or the
    remote at the first step that can fail, repeated `failures` times. `nested` processes run completely
    within a step of this one. `misreports` are by the number of the driver's wait.
    """

    killed_at: int = NEVER
    fails_at: int = NEVER
    failures: int = 1
    error: int = errno.EIO
    extent: Extent = Extent.NOTHING
    stopped_at: int = NEVER
    aborted_at: int = NEVER
    nested: Mapping[int, Callable[[], object]] = field(default_factory=dict)
    misreports: Mapping[int, Misreport] = field(default_factory=dict)


NO_FAULTS: Final = FaultPlan()


class Fault:
    """A fault of one operation: a kill or an error, and how much of the operation takes effect."""

    def __init__(self, extent: Extent, error: BaseException) -> None:
        self.extent = extent
        self.error = error


class Process:
    """A process whose operations all pass through `step`."""

    def __init__(self, name: str, faults: FaultPlan, trace: Trace) -> None:
        self.name = name
        self.faults = faults
        self.trace = trace
        self.steps = 0
        self.failed = 0
        self.dead = False
        self.can_fail = False
        """Whether the step at which it was killed could have failed."""
        self._alarm = min(faults.killed_at, faults.fails_at, MOST_STEPS, *faults.nested or (NEVER,))

    def step(self, what: str, *, can_fail: bool = False) -> Fault | None:
        """Take a step; return the fault that cuts it short, if any.

        Raises:
            Killed: the process is killed before the step, or was killed earlier.
        """
        self.steps += 1
        if self.trace.kept and not self.dead:
            self.trace.say(f"{self.name} {self.steps:>3} {what}")
        return self._apply_faults(what, can_fail=can_fail) if self.steps >= self._alarm else None

    def _apply_faults(self, what: str, *, can_fail: bool) -> Fault | None:
        if self.dead:
            raise Killed
        faults = self.faults
        meeting = faults.nested.get(self.steps)
        if meeting is not None:
            meeting()
        if self.steps >= MOST_STEPS:
            raise EndlessRun
        if self.steps >= faults.killed_at:
            self.trace.say(f"{self.name}     killed at: {what} ({faults.extent.name.lower()} of it)")
            self.dead, self.can_fail = True, can_fail
            self._alarm = 0
            if faults.extent is Extent.NOTHING or not can_fail:
                raise Killed
            return Fault(faults.extent, Killed())
        if can_fail and self.steps >= faults.fails_at and self.failed < faults.failures:
            self.failed += 1
            error = OSError(faults.error, errno.errorcode[faults.error])
            self.trace.say(f"{self.name}     fails with {error.strerror}: {what}")
            return Fault(faults.extent, error)
        return None
