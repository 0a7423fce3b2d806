"""Child processes and their cost: wall time, CPU time and peak memory."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

PYTHON: Final = sys.executable
SENDSPEC: Final = str(Path(PYTHON).with_name("sendspec"))
ROOT: Final = Path(__file__).resolve().parents[2]

_CHANGES_TIMES: Final = ("CI", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
"""Variables that a user does not have: sendspec behaves differently in CI, and bytecode is cached."""

_ERROR_CHARACTERS: Final = 300


class Cost(NamedTuple):
    """Wall and CPU seconds of a process, and its peak memory in bytes."""

    seconds: float
    cpu: float = 0.0
    peak: int = 0


class Failed(Exception):
    """A measured command that did not work; the message says how it ended."""


class NotAvailable(Exception):
    """A yardstick or an extra that this machine does not have; the message says which."""


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a measured process."""
    return {name: value for name, value in os.environ.items() if name not in _CHANGES_TIMES} | more


def measure(
    command: Sequence[str],
    log: Path,
    *,
    accepted: Collection[int] = (0,),
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Cost:
    """Run a command with its output in the file `log`, and return its cost.

    The peak is that of the largest process of the command. A child starts with the peak of its parent,
    so the process that measures imports nothing large.

    Raises:
        Failed: the exit code is not in `accepted`.
    """
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    streams = [(os.POSIX_SPAWN_DUP2, output, stream) for stream in (1, 2)]
    closed = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    before = Path.cwd()
    try:
        os.chdir(folder or before)
        started = time.perf_counter()
        child = os.posix_spawn(
            command[0], list(command), env or environment(), file_actions=[*closed, *streams]
        )
        _, status, used = os.wait4(child, 0)
        seconds = time.perf_counter() - started
    finally:
        os.chdir(before)
        os.close(output)
    code = os.waitstatus_to_exitcode(status)
    if code not in accepted:
        name = Path(command[0]).name
        last = log.read_text(encoding="utf-8", errors="replace").strip()[-_ERROR_CHARACTERS:]
        raise Failed(f"{name} ended with {code}: {last}")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def machine() -> str:
    """Return processor, cores, Python, load of the last minute, and date."""
    version = ".".join(map(str, sys.version_info[:3]))
    return (
        f"{_processor()}, {os.cpu_count()} cores, Python {version}, "
        f"load {os.getloadavg()[0]:.1f}, {datetime.now(UTC):%Y-%m-%d}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown processor"
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "unknown processor")
