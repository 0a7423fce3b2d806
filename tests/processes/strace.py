"""strace of a running process: it counts system calls, or injects a fault into one of them.

strace injects a signal before the call, so SIGKILL at the n-th `fsync` prevents that `fsync`. A kill at
the next call of any kind shows the effect of a call. Calls are counted per thread.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.processes.runs import CREDENTIALS, clean_environment
from tests.projects import SENDSPEC

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

MISSING = "strace is missing: apt-get install strace"
_CALL = re.compile(r"^(?P<thread>\d+) +(?P<name>\w+)\(")
_PATH = re.compile(r'[<"](/[^<>"]*)[>"]')


@contextmanager
def attached(
    pid: int, log: Path, *, calls: str, paths: Sequence[Path] = (), inject: str | None = None
) -> Iterator[None]:
    """Trace a process and its threads during the block, in which the process must end.

    Only `calls` are traced, and with `paths` only calls about these files.
    """
    program = shutil.which("strace")
    if program is None:
        pytest.skip(MISSING)
    command = [program, "-f", "-y", "-p", str(pid), "-o", str(log), "-e", f"trace={calls}"]
    command += [word for path in paths for word in ("-P", str(path))]
    command += ["-e", f"inject={inject}"] if inject else []
    strace = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    assert strace.stderr is not None
    said = ""
    with strace.stderr:
        for line in strace.stderr:
            said += line
            if f"Process {pid} attached" in line:
                break
        else:
            strace.wait()
            pytest.skip(f"one process may not trace another here: {said.strip()}")
        yield
        strace.stderr.read()
    strace.wait()


def under_strace(arguments: Sequence[str | Path], paths: Sequence[Path], inject: str) -> int:
    """Run the installed command under strace from its start; return its code."""
    program = shutil.which("strace")
    if program is None:
        pytest.skip(MISSING)
    words = [
        program,
        "-f",
        "-o",
        os.devnull,
        "-e",
        f"trace={inject.partition(':')[0]}",
        "-e",
        f"inject={inject}",
    ]
    words += [word for path in paths for word in ("-P", str(path))]
    environment = clean_environment(**CREDENTIALS)
    done = subprocess.run(
        [*words, SENDSPEC, *map(str, arguments)], env=environment, capture_output=True, check=False
    )
    if b"PTRACE" in done.stderr:
        pytest.skip(f"one process may not trace another here: {done.stderr.decode().strip()}")
    return done.returncode


def count_calls(
    log: Path, paths: Mapping[str, Collection[Path]], rest: Mapping[str, str]
) -> dict[tuple[str, str], int]:
    """Return the number of calls in a log of `strace -y`, by group and by name.

    `paths` has the groups of files, `rest` the group of each other call. The thread with most calls counts.
    """
    each: Counter[tuple[str, str, str]] = Counter()
    for line in log.read_text().splitlines():
        call = _CALL.match(line)
        if call is None:
            continue
        about = set(_PATH.findall(line))
        groups = {group for group, files in paths.items() if about & {str(file) for file in files}}
        for group in groups or {rest.get(call["name"], "")} - {""}:
            each[group, call["name"], call["thread"]] += 1
    most: dict[tuple[str, str], int] = {}
    for (group, name, _), count in each.items():
        most[group, name] = max(most.get((group, name), 0), count)
    return most
