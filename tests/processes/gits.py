"""A wrapper of git that ends its caller, or itself, at one chosen call."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDS = {
    "killed before it": "kill -9 $PPID; exit 1",
    "killed after it": '"$git" "$@"; kill -9 $PPID; exit 1',
    "killed while it goes on": 'kill -9 $PPID; exec "$git" "$@"',
    "git dies before": "exit 137",
    "git dies after": '"$git" "$@" >/dev/null 2>&1; exit 137',
}
"""Shell code for the chosen call."""

_SCRIPT = """\
#!/bin/sh
git={git}
exec 9>{gate}
case " $* " in
*" {command} "*) echo "$*" >>{calls} ;;
*) exec "$git" "$@" ;;
esac
if [ "$(wc -l <{calls})" -eq {at} ]; then
  {what}
fi
exec "$git" "$@"
"""


@dataclass(frozen=True)
class StrangeGit:
    """The environment that puts the wrapper first on PATH, and the file with one line per call."""

    environment: dict[str, str]
    calls: Path

    def made(self) -> list[str]:
        """Return the arguments of each call, in order."""
        return self.calls.read_text().splitlines()


@contextmanager
def strange_git(
    directory: Path, at: int = 0, what: str = ":", *, command: str = "-C"
) -> Iterator[StrangeGit]:
    """Create a wrapper that does `what` at call number `at` (from 1) of `command`.

    At its end, wait until every call has ended.
    """
    directory.mkdir()
    calls, gate, program = directory / "calls", directory / "gate", directory / "git"
    os.mkfifo(gate)
    # Each call keeps the pipe open, so the pipe ends with the last call.
    waiting = os.open(gate, os.O_RDONLY | os.O_NONBLOCK)
    values = {"gate": gate, "calls": calls, "at": at, "what": what, "command": command}
    program.write_text(_SCRIPT.format(git=shutil.which("git"), **values))
    program.chmod(0o755)
    try:
        yield StrangeGit({"PATH": f"{directory}:{os.environ['PATH']}"}, calls)
    finally:
        os.set_blocking(waiting, True)
        while os.read(waiting, 1):
            pass
        os.close(waiting)
