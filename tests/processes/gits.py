"""A git in front of git that ends the process which called it, or itself, at one chosen call."""

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
"""What happens around the chosen call, as shell."""

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
    """The environment in which it is found first, and the file that has a line for each call of it."""

    environment: dict[str, str]
    calls: Path

    def made(self) -> list[str]:
        """Give the arguments of each call, in order."""
        return self.calls.read_text().splitlines()


@contextmanager
def strange_git(
    directory: Path, at: int = 0, what: str = ":", *, command: str = "-C"
) -> Iterator[StrangeGit]:
    """Make it do `what` at the call of `command` with the number `at`, from 1.

    In the end waits until every call of it is over.
    """
    directory.mkdir()
    calls, gate, program = directory / "calls", directory / "gate", directory / "git"
    os.mkfifo(gate)
    # Each call holds the gate open, so the end of what comes through it is the end of the last call.
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
