"""A process that has imported all modules and forks a `sendspec` for each command.

This saves the start of an interpreter, a third of a second each. The command line runs in its own
process, which a test can trace or kill.
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
    """Fork a process for each message: an order and the five files of `_become` and `_keep`."""
    while True:
        message, files, _, _ = socket.recv_fds(control, 65536, 5)
        if not message:
            return
        keeper = os.fork()
        if keeper == 0:
            control.close()
            _keep(json.loads(message), files)
        for file in files:
            os.close(file)
        os.waitpid(keeper, 0)


def _keep(order: dict[str, Any], files: list[int]) -> NoReturn:
    """Fork the process of the command; write its id, and its code when it ends, to the fifth file.

    It forks once more, so that its parent can serve the next order meanwhile.
    """
    if os.fork():
        os._exit(0)
    report = files.pop()
    child = os.fork()
    if child == 0:
        os.close(report)
        _become(order, files)
    for file in files:
        os.close(file)
    os.write(report, b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(order: dict[str, Any], files: list[int]) -> NoReturn:
    """Run the command with its own three streams, after a byte arrives on the fourth file, or its end."""
    code = 70
    try:
        # If only a parent may trace (Yama), this allows a sibling to trace.
        ctypes.CDLL(None).prctl(_SET_PTRACER, ctypes.c_ulong(_ANYBODY), 0, 0, 0)
        for stream, file in enumerate(files[:3]):
            os.dup2(file, stream)
        os.chdir(order["where"])
        os.environ.clear()
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
    except BaseException:  # noqa: BLE001 - printed as the interpreter does
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def warm_up() -> None:
    """Import all modules and plan once, to fill every cache."""
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
