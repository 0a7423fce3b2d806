"""Processes of `sendspec`, forked by one that has imported everything: start, answer to the question, end."""

from __future__ import annotations

import atexit
import fcntl
import functools
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SENDSPEC_")}
    return kept | more


@dataclass(frozen=True)
class Done:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Launched:
    """A process that was forked, and the pipe that reports its end."""

    pid: int
    _report: BinaryIO

    def wait(self) -> int:
        """Wait for the end of the process; return its code, negative if a signal ended it."""
        with self._report as report:
            return int(report.readline())


@dataclass
class Run:
    """A forked process: `begin` starts the command, `end` waits for its end."""

    _launched: Launched
    _gate: int
    _terminal: int
    _out: int
    _err: int
    _stderr: bytes = b""

    @property
    def pid(self) -> int:
        """The process id."""
        return self._launched.pid

    def begin(self) -> None:
        """Start the command."""
        os.write(self._gate, b"!")

    def asked(self, times: int = 1, question: bytes = QUESTION) -> bool:
        """Wait for the approval question, `times` times; return False if the process ended before."""
        while self._stderr.count(question) < times:
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
        printed = b""
        while chunk := os.read(self._out, _PIPE_BYTES):
            printed += chunk
        code = self._launched.wait()
        for file in (self._gate, self._terminal, self._out, self._err):
            os.close(file)
        done = Done(code, printed.decode(), self._stderr.decode())
        assert "Traceback" not in done.err, done.err
        return done


class Zygote:
    """Forks processes of one program; see `tests.processes.zygote`."""

    def __init__(self, program: str) -> None:
        self._control, theirs = socket.socketpair()
        # Without the working directory in its path, it imports the package that this process imports.
        path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.processes.zygote", program, str(theirs.fileno())],
            env=clean_environment(PYTHONPATH=path),
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    def close(self) -> None:
        """End the process that forks; what it forked goes on."""
        self._control.close()
        self._process.wait()

    def start(self, *arguments: str | Path, where: Path, **environment: str) -> Run:
        """Fork a process with credentials and a terminal; it waits for `begin`."""
        terminal, theirs = pty.openpty()
        out, out_end = os.pipe()
        # It is read only after the end, so it must have space for the whole output.
        fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        err, err_end = os.pipe()
        hold, gate = os.pipe()
        files = [theirs, out_end, err_end, hold]
        launched = self.launch(arguments, where, CREDENTIALS | environment, files)
        for file in files:
            os.close(file)
        return Run(launched, gate, terminal, out, err)

    def run(self, *arguments: str | Path, where: Path, stdin: str = "", **environment: str) -> Done:
        """Run a command without a terminal; return how it ended."""
        with (
            tempfile.TemporaryFile() as typed,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            typed.write(stdin.encode())
            typed.seek(0)
            with open(os.devnull, "rb") as gate:  # noqa: PTH123 - not a file on disk
                files = [stream.fileno() for stream in (typed, out, err, gate)]
                code = self.launch(arguments, where, environment, files).wait()
            out.seek(0)
            err.seek(0)
            return Done(code, out.read().decode(), err.read().decode())

    def launch(
        self,
        arguments: Sequence[str | Path],
        where: Path,
        environment: Mapping[str, str],
        files: Sequence[int],
    ) -> Launched:
        """Fork a process with three streams; it starts when the fourth file has a byte or ends."""
        order = {
            "arguments": [str(argument) for argument in arguments],
            "where": str(where),
            "environment": clean_environment(**environment),
        }
        reading, writing = os.pipe()
        socket.send_fds(self._control, [json.dumps(order).encode()], [*files, writing])
        os.close(writing)
        report = os.fdopen(reading, "rb")
        return Launched(int(report.readline()), report)


@functools.cache
def zygote(program: str = "sendspec") -> Zygote:
    """Return the one zygote of this process that forks `sendspec`, or `module` with its libraries loaded."""
    forking = Zygote(program)
    atexit.register(forking.close)
    return forking
