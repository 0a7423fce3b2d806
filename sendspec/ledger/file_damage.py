"""Recognition of accidents: what version control, a disk or another version leaves in a file of a ledger."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sendspec.errors import LedgerCorrupt
from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    import json
    from pathlib import Path

LOCKFILE_VERSION: Final = 2

COPY_NEWEST: Final = "copy the newest lockfile from the machine that sent last; an older one would send again"
"""The hint for a file of a file ledger whose content is lost.

It does not mention version control, because the newest commit can be older than the last send.
"""

UPGRADE: Final = "upgrade sendspec to the version that wrote it, or a newer one"

_MARKERS: Final = lazy_pattern(rb"^(?:<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$", re.MULTILINE)
_CONFLICT: Final = lazy_pattern(
    rb"^<{7}(?: [^\n]*)?\n(?P<ours>.*?)(?:^\|{7}(?: [^\n]*)?\n.*?)?"
    rb"^={7}\r?\n(?P<theirs>.*?)^>{7}(?: [^\n]*)?(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"


class FileNames(NamedTuple):
    """The two files of a ledger in messages, and the hints for damage to them."""

    lockfile: str
    journal: str
    merge: str = "sendspec ledger merge"
    """The command that merges versions of this ledger."""
    recovery: str = COPY_NEWEST
    """The hint for a file whose content is lost."""


def merge_command(directory: Path, target: str) -> str:
    """Return the command that merges versions of the ledger of a target, quoted for a shell."""
    return shlex.join(("sendspec", "ledger", "merge", str(directory), "--target", target))


def adopt_command(directory: Path, target: str) -> str:
    """Return the command that records the remote of a clone as the repository of the ledger."""
    return shlex.join(("sendspec", "ledger", "adopt", str(directory), "--target", target))


def has_conflict(content: bytes) -> bool:
    """Return whether a file has conflict markers, complete or not."""
    return _MARKERS.search(content) is not None


def split_conflict(content: bytes) -> tuple[bytes, bytes] | None:
    """Return both sides of a file with conflict markers, None if the markers are not complete.

    A file without markers is the same on both sides.
    """
    sides = tuple(_CONFLICT.sub(rb"\g<%s>" % side, content) for side in (b"ours", b"theirs"))
    return None if any(map(has_conflict, sides)) else (sides[0], sides[1])


def find_accident(content: bytes, shown: str, names: FileNames) -> LedgerCorrupt | None:
    """Return the error for content that is recognised as an accident; `shown` is one of the two files."""
    marker = _MARKERS.search(content)
    if marker is not None:
        line = content.count(b"\n", 0, marker.start()) + 1
        return LedgerCorrupt(
            f"{shown}:{line}: this file has the conflict markers of a merge",
            hint=f"run `{names.merge}`, which keeps every request of both sides",
        )
    if content.startswith(_LFS_POINTER):
        return LedgerCorrupt(
            f"{shown}:1: this is a pointer of Git LFS instead of the file",
            hint="run `git lfs pull`, and exclude the files of the ledger from Git LFS in .gitattributes",
        )
    return None


def find_lockfile_accident(content: bytes, names: FileNames) -> LedgerCorrupt | None:
    """Return the error for a lockfile that is recognised as an accident."""
    shown = names.lockfile
    if not content.strip():
        return LedgerCorrupt(f"{shown}:1: this lockfile is empty", hint=names.recovery)
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        return LedgerCorrupt(
            f"{shown}:{line}: this lockfile has NUL bytes, as after a power failure", hint=names.recovery
        )
    return find_accident(content, shown, names)


def is_truncated(content: bytes, error: json.JSONDecodeError) -> bool:
    """Return whether JSON that `json` rejected looks like a lockfile whose end is missing."""
    if not content.lstrip().startswith(b"{"):
        return False
    return not content.rstrip().endswith(b"}") or error.pos >= len(error.doc.rstrip())


def newer_version(value: Any, place: str) -> LedgerCorrupt | None:
    """Return the error for a value that a later version of sendspec wrote."""
    version = value.get("version") if isinstance(value, dict) else None
    if not isinstance(version, int) or version <= LOCKFILE_VERSION:
        return None
    return LedgerCorrupt(
        f"{place}: this file has version {version}; this sendspec reads versions up to {LOCKFILE_VERSION}",
        hint=UPGRADE,
    )
