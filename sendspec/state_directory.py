"""The folder of this user for what sendspec remembers outside of project directories.

It is `sendspec/` below `$XDG_STATE_HOME`, or below `~/.local/state` if that variable is not set or is not
an absolute path. Source: XDG Base Directory Specification 0.8.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700
_NAME: Final = "sendspec"
_NO_HOME: Final = Path("/nonexistent")


def state_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder, which may not exist yet."""
    home = Path(environ.get("XDG_STATE_HOME", ""))
    return (home if home.is_absolute() else _default_home()) / _NAME


def _default_home() -> Path:
    try:
        return Path("~/.local/state").expanduser()
    except RuntimeError:  # The user has no home directory, so nothing can be written there.
        return _NO_HOME


def account_directory(account: str, target: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of one target of one account, which all project directories share."""
    return state_directory(environ) / quote(account, safe="") / quote(target, safe="")


def project_name(directory: Path) -> str:
    """Return a name for a project directory: the same for each path to it, different for a copy."""
    real = os.fsencode(directory.resolve())
    return hashlib.sha256(real).hexdigest()[:16]


def make_private_directory(directory: Path) -> None:
    """Create a folder and its parents, for the owner only; make each new name durable.

    Raises:
        OSError: a folder cannot be created.
    """
    if directory.is_dir():
        return
    make_private_directory(directory.parent)
    directory.mkdir(_FOLDER_MODE, exist_ok=True)
    handle = os.open(directory.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
