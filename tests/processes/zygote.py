"""A process that has imported what a program needs and forks a process of it for each order.

This saves the start of an interpreter, a third of a second each. Each command line runs in its own
process, which a test can trace or kill. The program `sendspec` is the command. The program `module` is
like `python -m`: it has imported the libraries of the project, but nothing of the project itself.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import socket
import sys
import tempfile
import traceback
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any, Final, NoReturn

import phonenumbers

import sendspec
import sendspec.cli
from tests.projects import CONTACTS, GATE, TEASER, project

ROOT: Final = Path(__file__).resolve().parents[2]
PYTEST_OPTIONS: Final = ("-qx", "--tb=native", "--import-mode=append", "-c", f"{ROOT}/pyproject.toml")
PYTEST_PLUGINS: Final = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "pytest_timeout,syrupy",
}
"""Without other plugins, because pytest warns if it finds that one was imported before.

Plugins of the variable are imported without a search in all installed packages, and a native traceback
is printed without the source being parsed.
"""

_SET_PTRACER = 0x59616D61
_ANYBODY = -1


def serve(program: str, control: socket.socket) -> None:
    """Fork a process for each message: an order, the four files of `_become`, and one for the report.

    The report is the id of the process, and its code when it ends.
    """
    events = select.poll()
    events.register(control, select.POLLIN)
    running: dict[int, tuple[int, int]] = {}
    while True:
        for file, _ in events.poll():
            if file != control.fileno():
                events.unregister(file)
                _report_end(file, *running.pop(file))
                continue
            message, files, _, _ = socket.recv_fds(control, 65536, 5)
            if not message:
                return
            report = files.pop()
            child = os.fork()
            if child == 0:
                _close(control.fileno(), report, *running, *(other for _, other in running.values()))
                _become(program, json.loads(message), files)
            _close(*files)
            os.write(report, b"%d\n" % child)
            end = os.pidfd_open(child)
            events.register(end, select.POLLIN)
            running[end] = child, report


def _report_end(end: int, child: int, report: int) -> None:
    """Write the code of a process that has ended to its report, which a test may have closed."""
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError):
        os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
    _close(end, report)


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


def _become(program: str, order: dict[str, Any], files: list[int]) -> NoReturn:
    """Run the command with its own three streams, after a byte arrives on the fourth file, or its end."""
    code = 1
    try:
        # If only a parent may trace (Yama), this allows a sibling to trace.
        ctypes.CDLL(None).prctl(_SET_PTRACER, ctypes.c_ulong(_ANYBODY), 0, 0, 0)
        for stream, file in enumerate(files[:3]):
            os.dup2(file, stream)
        os.chdir(order["where"])
        os.environ.clear()
        os.environ.update(order["environment"])
        tempfile.tempdir = None  # The folder of the zygote is not that of this environment.
        for file in files[:3]:
            os.close(file)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        os.read(files[3], 1)
        os.close(files[3])
        PROGRAMS[program](order["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - printed as the interpreter does
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def run_command(arguments: list[str]) -> None:
    """Run the command line."""
    sys.argv = ["sendspec", *arguments]
    importlib.import_module("sendspec.cli").main()


def run_module(arguments: list[str]) -> None:
    """Run a module of the path in PYTHONPATH, which the interpreter did not read."""
    sys.path[:0] = os.environ["PYTHONPATH"].split(os.pathsep)
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


def stretch_little() -> None:
    """Let scrypt cost next to nothing, because it would be a third of the time of these commands.

    The processes of a test agree on every digest, and `test_audience` tests the real cost.
    """
    scrypt = hashlib.scrypt

    def quick(password: bytes, *, n: int, **rest: Any) -> bytes:
        return scrypt(password, n=min(n, 2), **rest)

    hashlib.scrypt = quick  # type: ignore[assignment]


def import_project() -> None:
    """Import all modules and plan once, to fill every cache."""
    for module in pkgutil.walk_packages(sendspec.__path__, "sendspec."):
        importlib.import_module(module.name)
    with tempfile.TemporaryDirectory() as directory, redirect_stdout(io.StringIO()):
        code = sendspec.cli.run(["plan", str(project(Path(directory), CONTACTS, TEASER, GATE))])
    assert code == 0


def import_libraries() -> None:
    """Import all modules, then forget those of the project, so that a process imports its own.

    A collection of tests imports pytest's plugins, hypothesis, and the libraries of clients and servers.
    """
    import_project()
    phonenumbers.PhoneMetadata.load_all()
    importlib.import_module("tests.simulation.__main__")
    os.environ.update(PYTEST_PLUGINS)
    with redirect_stdout(io.StringIO()) as printed:
        arguments = [*PYTEST_OPTIONS, "--collect-only", f"{ROOT}/tests/test_run_guards.py"]
        code = importlib.import_module("pytest").main(arguments)
    assert code == 0, printed.getvalue()
    for name in list(sys.modules):
        if name.partition(".")[0] in ("sendspec", "tests"):
            del sys.modules[name]


PROGRAMS = {"sendspec": run_command, "module": run_module}
PREPARATIONS = {"sendspec": import_project, "module": import_libraries}


if __name__ == "__main__":
    if sys.argv[1] == "sendspec":
        stretch_little()
    PREPARATIONS[sys.argv[1]]()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[2])) as only:
        serve(sys.argv[1], only)
