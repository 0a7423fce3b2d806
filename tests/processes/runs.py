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
_TIMEOUT_SECONDS = 300
"""A test that hangs fails after this time."""

_PIPE_BYTES = 1 << 20
QUESTION = b"Only 'yes' approves"


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without the variables of sendspec, and with `more`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SENDSPEC_") and k != "CI"}
    return kept | more


@dataclass
class Run:
    """A forked process: `begin` starts the command, `end` waits for its end."""

    pid: int
    _zygote: Zygote
    _gate: int
    _terminal: int
    _out: int
    _err: int
    _stderr: bytes = b""

    def begin(self) -> None:
        """Start the command."""
        os.write(self._gate, b"!")

    def asked(self, times: int = 1) -> bool:
        """Wait for the approval question, `times` times; return False if the process ended before."""
        while self._stderr.count(QUESTION) < times:
            if not self._read_stderr():
                return False
        return True

    def answer(self, word: str) -> None:
        """Type a word and Enter."""
        self.type(f"{word}\n".encode())

    def type(self, keys: bytes) -> None:
        """Type keys on the terminal."""
        os.write(self._terminal, keys)

    def hang_up(self) -> None:
        """Close the terminal from which the process reads the answer."""
        os.close(self._terminal)
        self._terminal = os.open(os.devnull, os.O_RDONLY)

    def _read_stderr(self) -> bool:
        """Read more of standard error; return False at its end."""
        ready, _, _ = select.select([self._err], [], [], _TIMEOUT_SECONDS)
        if not ready:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(
                f"the process neither ends nor prints anything after {self._stderr.decode()!r}"
            )
        chunk = os.read(self._err, 65536)
        self._stderr += chunk
        return bool(chunk)

    def end(self) -> Done:
        """Wait for the end; the code is negative if a signal ended the process."""
        while self._read_stderr():
            pass
        code = self._zygote.ended()
        printed = b""
        while chunk := os.read(self._out, _PIPE_BYTES):
            printed += chunk
        for file in (self._gate, self._terminal, self._out, self._err):
            os.close(file)
        done = Done(code, printed.decode(), self._stderr.decode())
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
        """Fork a process with a terminal; it waits for `begin`."""
        self._abandon()
        order = {
            "arguments": [str(argument) for argument in arguments],
            "where": str(where),
            "environment": CREDENTIALS | environment,
        }
        terminal, theirs = pty.openpty()
        out, out_end = os.pipe()
        # It is read only after the end, so it must have space for the whole output.
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
