"""A process that has imported everything and forks a `sendspec` for each command it is given.

What is spared is the start of an interpreter, a third of a second each; what runs is the command
line itself, in a process of its own that a test may trace or kill.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import json
import os
import pkgutil
import socket
import sys
import tempfile
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

import sendspec
from sendspec.cli import main, run
from tests.projects import CONTACTS, GATE, TEASER, project

_SET_PTRACER = 0x59616D61
_ANYBODY = -1


def serve(control: socket.socket) -> None:
    """Fork one process after another: a line and four files in, its id out, how it ended out."""
    while True:
        message, files, _, _ = socket.recv_fds(control, 65536, 4)
        if not message:
            return
        child = os.fork()
        if child == 0:
            control.close()
            _become(json.loads(message), files)
        for file in files:
            os.close(file)
        control.sendall(b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        control.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(order: dict[str, Any], files: list[int]) -> NoReturn:
    """Be the command: with its own three streams, from when the fourth file says that it may start."""
    code = 70
    try:
        # Where only a parent may trace (Yama), this allows the tracer, which is a sibling.
        ctypes.CDLL(None).prctl(_SET_PTRACER, ctypes.c_ulong(_ANYBODY), 0, 0, 0)
        for stream, file in enumerate(files[:3]):
            os.dup2(file, stream)
        os.chdir(order["where"])
        os.environ.update(order["environment"])
        for file in files[:3]:
            os.close(file)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        os.read(files[3], 1)
        os.close(files[3])
        sys.argv = ["sendspec", *order["arguments"]]
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - as the interpreter would tell it
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def warm_up() -> None:
    """Import everything, and plan once, so that what is read only once has been read."""
    for module in pkgutil.walk_packages(sendspec.__path__, "sendspec."):
        importlib.import_module(module.name)
    with tempfile.TemporaryDirectory() as directory, redirect_stdout(io.StringIO()):
        assert run(["plan", str(project(Path(directory), CONTACTS, TEASER, GATE))]) == 0
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    warm_up()
    with socket.socket(fileno=int(sys.argv[1])) as only:
        serve(only)
