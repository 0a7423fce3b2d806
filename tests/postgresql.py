"""A PostgreSQL server for tests: its own data, reachable over a Unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FOLDERS = (*os.get_exec_path(), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)))
_READY = "database system is ready to accept connections"
_SETTINGS = {"fsync": "off", "listen_addresses": "", "shared_buffers": "16MB", "autovacuum": "off"}


def missing_part() -> str | None:
    """Return why no server can run here, None if one can."""
    for name in ("initdb", "postgres"):
        if _program(name) is None:
            return f"{name} is not installed"
    return None if os.geteuid() != 0 or _user() is not None else "PostgreSQL does not run as root"


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server with the database `postgres`, and yield its URI."""
    folder = Path(tempfile.mkdtemp(prefix="sendspec-postgresql-"))
    user = _user() if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    try:
        data = folder / "data"
        options = ["--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8", "--username=sender"]
        _run(["initdb", "--pgdata", str(data), *options], folder, user)
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with _started(["postgres", "-D", str(data), "-k", str(folder), *settings], folder, user):
            yield f"postgresql://sender@/postgres?host={quote(str(folder), safe='')}"
    finally:
        shutil.rmtree(folder)


def _run(command: Sequence[str], folder: Path, user: str | None) -> None:
    subprocess.run(
        [_program(command[0]), *command[1:]],
        cwd=folder,
        user=user,
        check=True,
        capture_output=True,
        text=True,
    )


@contextmanager
def _started(command: Sequence[str], folder: Path, user: str | None) -> Iterator[None]:
    with subprocess.Popen(
        [_program(command[0]), *command[1:]],
        cwd=folder,
        user=user,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    ) as server:
        try:
            if not any(_READY in line for line in server.stderr):
                raise RuntimeError("PostgreSQL did not start")
            yield
        finally:
            server.send_signal(signal.SIGINT)  # Fast: it does not wait for sessions of a failed test.
            server.communicate(timeout=60)


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join(_FOLDERS))


def _user() -> str | None:
    """Return a user other than root for the server."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)
