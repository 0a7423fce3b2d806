"""Processes of `sendspec`: start, answer to the approval question, end."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.projects import Done

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
CREDENTIALS = {
    "SENDSPEC_CLIENT_ID": "client-of-tests",
    "SENDSPEC_CLIENT_SECRET": "secret-of-tests",
    "SENDSPEC_REFRESH_TOKEN": "refresh-of-tests",
}
_PATIENCE = 300
"""Seconds; a test that hangs fails here."""

_PIPE_BYTES = 1 << 20
QUESTION = b"Only 'yes' is taken as yes"


def clean_environment(**more: str) -> dict[str, str]:
    """Give this environment without what sendspec reads of it, and with `more`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SENDSPEC_") and k != "CI"}
    return kept | more


@dataclass
class Run:
    """One process that was forked and waits; `begin` lets it run, `end` waits until it is gone."""

    pid: int
    _zygote: Zygote
    _gate: int
    _terminal: int
    _out: int
    _err: int
    _told: bytes = b""

    def begin(self) -> None:
        """Let it run."""
        os.write(self._gate, b"!")

    def asked(self, times: int = 1) -> bool:
        """Wait until it has asked for approval so often; False where it ended without asking."""
        while self._told.count(QUESTION) < times:
            if not self._hear():
                return False
        return True

    def answer(self, word: str) -> None:
        """Answer its question."""
        self.type(f"{word}\n".encode())

    def type(self, keys: bytes) -> None:
        """Press keys on its terminal."""
        os.write(self._terminal, keys)

    def hang_up(self) -> None:
        """Take the terminal away from which it reads the answer."""
        os.close(self._terminal)
        self._terminal = os.open(os.devnull, os.O_RDONLY)

    def _hear(self) -> bool:
        """Read more of what it tells; False once it is gone."""
        ready, _, _ = select.select([self._err], [], [], _PATIENCE)
        if not ready:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(f"it neither ends nor says anything after {self._told.decode()!r}")
        chunk = os.read(self._err, 65536)
        self._told += chunk
        return bool(chunk)

    def end(self) -> Done:
        """Wait for its end; a signal that ended it is a negative code."""
        while self._hear():
            pass
        code = self._zygote.ended()
        printed = b""
        while chunk := os.read(self._out, _PIPE_BYTES):
            printed += chunk
        for file in (self._gate, self._terminal, self._out, self._err):
            os.close(file)
        done = Done(code, printed.decode(), self._told.decode())
        assert "Traceback" not in done.err, done.err
        return done


class Zygote:
    """Forks processes of `sendspec`, one at a time; see `tests.processes.zygote`."""

    def __enter__(self) -> Self:
        mine, theirs = socket.socketpair()
        self._control = mine
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes.zygote", str(theirs.fileno())],
            cwd=ROOT,
            env=clean_environment(),
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._answers = mine.makefile("rb")
        self._running = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._abandon()
        self._answers.close()
        self._control.close()
        self._process.wait()

    def start(self, *arguments: str | Path, where: Path, **environment: str) -> Run:
        """Fork a process with a terminal to read from; it waits for `begin`."""
        self._abandon()
        order = {
            "arguments": [str(argument) for argument in arguments],
            "where": str(where),
            "environment": CREDENTIALS | environment,
        }
        terminal, theirs = pty.openpty()
        out, out_end = os.pipe()
        # Read only when it has ended, so it must hold all that is printed.
        fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        err, err_end = os.pipe()
        hold, gate = os.pipe()
        files = [theirs, out_end, err_end, hold]
        socket.send_fds(self._control, [json.dumps(order).encode()], files)
        for file in files:
            os.close(file)
        self._running = int(self._answers.readline())
        return Run(self._running, self, gate, terminal, out, err)

    def run(self, *arguments: str | Path, where: Path, **environment: str) -> Done:
        """Run a command; return how it ended."""
        run = self.start(*arguments, where=where, **environment)
        run.begin()
        return run.end()

    def ended(self) -> int:
        """Wait for the end of the process; return its code."""
        code = int(self._answers.readline())
        self._running = 0
        return code

    def _abandon(self) -> None:
        """Kill the process that a test left."""
        if self._running:
            os.kill(self._running, signal.SIGKILL)
            self.ended()
