"""Processes and what they cost: wall time, and CPU time, which a busy machine changes less."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PYTHON = sys.executable
SENDSPEC = str(Path(PYTHON).with_name("sendspec"))
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Compiled modules are kept, as they are where sendspec is installed: compiling is not what is measured."""


class Cost(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float


def machine() -> str:
    """The processors there are, and how busy they have been in the last minute."""
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"


def timed(command: Sequence[str]) -> Cost:
    """Run a command, its output thrown away, and give what it cost.

    A command that fails is not worth timing.
    """
    nowhere = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    began = time.perf_counter()
    child = os.posix_spawn(command[0], command, ENVIRONMENT, file_actions=nowhere)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    assert code == 0, f"{' '.join(command)} ended with {code}"
    return Cost(wall, used.ru_utime + used.ru_stime)


def interleaved(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Cost]:
    """Run the commands in turn, `rounds` times, and give the medians by name.

    In turn, so that whatever else the machine does is shared by all of them; a first round warms up.
    """
    for command in commands.values() if rounds > 1 else ():
        timed(command)
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            costs[name].append(timed(command))
    return {
        name: Cost(median(cost.wall for cost in each), median(cost.cpu for cost in each))
        for name, each in costs.items()
    }
