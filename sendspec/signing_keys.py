"""The keys that sign outcome log lines: one of this machine, and one of the organisation if it has one."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.errors import Usage
from sendspec.state_directory import FILE_MODE, make_private_directory, state_directory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOG_KEY: Final = "SENDSPEC_LOG_KEY"
"""The variable with a key that several machines share, such as the runners of a CI service."""

_NAME: Final = "log.key"
_CHARACTERS_MIN: Final = 32
_BYTES: Final = 32
_SAFE: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class LogKeys(Struct, frozen=True):
    """The keys of this process; both are None if the environment has none and no folder is writable."""

    machine: bytes | None = None
    shared: bytes | None = None

    @property
    def for_log(self) -> bytes | None:
        """The key of lines in a log that other machines read."""
        return self.machine if self.shared is None else self.shared

    @property
    def trusted(self) -> tuple[bytes, ...]:
        """Every key whose lines are believed."""
        return tuple(key for key in (self.machine, self.shared) if key is not None)


def read_keys(environ: Mapping[str, str] = os.environ) -> LogKeys:
    """Return the keys that exist.

    Raises:
        Usage: the shared key is too short to withstand guessing.
    """
    return LogKeys(_read(state_directory(environ) / _NAME), _shared(environ))


def make_keys(environ: Mapping[str, str] = os.environ) -> LogKeys:
    """Return the keys; create that of this machine if it does not exist and its folder is writable.

    Raises:
        Usage: as for `read_keys`.
    """
    path = state_directory(environ) / _NAME
    with suppress(OSError):
        if not path.exists():
            _create(path)
    return read_keys(environ)


def _shared(environ: Mapping[str, str]) -> bytes | None:
    text = environ.get(LOG_KEY, "").strip()
    if text and len(text) < _CHARACTERS_MIN:
        raise Usage(
            f"{LOG_KEY} has fewer than {_CHARACTERS_MIN} characters, so its signatures could be guessed",
            hint="set it to the output of `openssl rand -hex 32`",
        )
    return text.encode(errors="surrogateescape") or None


def _read(path: Path) -> bytes | None:
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | _SAFE)
        try:
            key = os.read(handle, _BYTES + 1)
        finally:
            os.close(handle)
        # A shorter key is that of a process that was killed while it wrote.
        return key if len(key) == _BYTES else None
    return None


def _create(path: Path) -> None:
    make_private_directory(path.parent)
    temporary = path.with_name(f"{_NAME}.{os.urandom(8).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, FILE_MODE)
    try:
        os.write(handle, os.urandom(_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        # A link fails if another process was faster, whose key then counts.
        path.hardlink_to(temporary)
    finally:
        temporary.unlink()
