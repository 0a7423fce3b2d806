"""Facts about this machine, and their checks: Python, git, the folder of its memory, the key of logs."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sendspec.doctor.examination import LogKey, MachineFacts, StateFolder
from sendspec.doctor.results import Check, CheckGroup, CheckReason, Decision
from sendspec.errors import Usage
from sendspec.ledger.git_process import VERSION_MIN, git_version
from sendspec.signing_keys import LOG_KEY, read_keys
from sendspec.state_directory import state_directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.doctor.examination import Examination

_PYTHON_MIN: Final = (3, 11)
_MOUNTS: Final = Path("/proc/self/mountinfo")
_OCTAL: Final = re.compile(rb"\\([0-7]{3})")
_VOLATILE: Final = frozenset({"tmpfs", "ramfs"})
"""Filesystems of Linux in memory, which a restart empties."""


def examine_machine(environ: Mapping[str, str], *, in_ci: bool) -> MachineFacts:
    """Return the facts about this machine; nothing is written."""
    return MachineFacts(
        python=tuple(sys.version_info[:3]),
        git=git_version(),
        state=_state_folder(state_directory(environ)),
        log_key=_log_key(environ),
        in_ci=in_ci,
    )


def _state_folder(path: Path) -> StateFolder:
    # `Path.is_dir` raises if it may not look into a folder.
    existing = next(folder for folder in (path, *path.parents) if os.path.isdir(folder))  # noqa: PTH112
    return StateFolder(
        path,
        is_writable=os.access(existing, os.W_OK | os.X_OK),
        has_fsync=_has_fsync(existing),
        filesystem=_filesystem(existing.resolve()),
    )


def _has_fsync(folder: Path) -> bool:
    """Return whether the filesystem makes a folder durable on demand, which changes nothing in it."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.fsync(handle)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _filesystem(folder: Path) -> str:
    """Return the type of the filesystem of a folder, '' if the system is not Linux (proc(5), mountinfo)."""
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:
        return ""
    found: dict[Path, str] = {}
    for line in lines:
        mount, _, source = line.partition(b" - ")
        place = _OCTAL.sub(lambda code: bytes([int(code[1], 8)]), mount.split(b" ")[4])
        # A later mount at the same place hides the one before.
        found[Path(os.fsdecode(place))] = source.partition(b" ")[0].decode(errors="replace")
    return next((found[place] for place in (folder, *folder.parents) if place in found), "")


def _log_key(environ: Mapping[str, str]) -> LogKey:
    try:
        return LogKey(read_keys(environ).shared is not None)
    except Usage as error:
        return LogKey(is_shared=False, error=error)


def _python(examination: Examination) -> Decision:
    version = examination.machine.python
    is_supported = version >= _PYTHON_MIN
    reason = CheckReason.PYTHON_SUPPORTED if is_supported else CheckReason.PYTHON_TOO_OLD
    return Decision.of(reason, version=_dotted(version), oldest=_dotted(_PYTHON_MIN))


def _git(examination: Examination) -> Decision:
    version = examination.machine.git
    if version is None:
        return Decision.of(CheckReason.GIT_MISSING, oldest=_dotted(VERSION_MIN))
    reason = CheckReason.GIT_SUPPORTED if version >= VERSION_MIN else CheckReason.GIT_TOO_OLD
    return Decision.of(reason, version=_dotted(version), oldest=_dotted(VERSION_MIN))


def _state(examination: Examination) -> Decision:
    state, in_ci = examination.machine.state, examination.machine.in_ci
    if not state.is_writable:
        reason = CheckReason.STATE_NOT_WRITABLE
    elif not state.has_fsync:
        reason = CheckReason.STATE_WITHOUT_FSYNC
    elif in_ci:
        reason = CheckReason.STATE_OF_RUNNER
    elif state.filesystem in _VOLATILE:
        reason = CheckReason.STATE_VOLATILE
    else:
        reason = CheckReason.STATE_DURABLE
    return Decision.of(reason, folder=state.path, filesystem=state.filesystem)


def _key(examination: Examination) -> Decision:
    key = examination.machine.log_key
    if key.error is not None:
        return Decision.of_error(CheckReason.LOG_KEY_UNUSABLE, key.error)
    if key.is_shared:
        return Decision.of(CheckReason.LOG_KEY_SHARED, variable=LOG_KEY)
    in_ci = examination.machine.in_ci
    reason = CheckReason.LOG_KEY_MISSING if in_ci else CheckReason.LOG_KEY_OF_MACHINE
    return Decision.of(reason, variable=LOG_KEY)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


CHECKS: Final = (
    Check("python-version", CheckGroup.MACHINE, _python),
    Check("git-version", CheckGroup.MACHINE, _git),
    Check("state-directory", CheckGroup.MACHINE, _state),
    Check("log-key", CheckGroup.MACHINE, _key),
)
