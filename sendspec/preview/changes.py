"""Changes of the files in directories, found by their size and time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SKIPPED: Final = frozenset({".git", ".sendspec", "__pycache__"})
"""Directories whose files do not change a plan: a sandbox writes its requests into `.sendspec`."""

Snapshot = frozenset[tuple[str, int, int, int]]
"""Each file with its inode, size and time of change in nanoseconds."""


def snapshot(directories: Iterable[Path]) -> Snapshot:
    """Return the present state of the files below directories; without those that cannot be read."""
    return frozenset(file for directory in directories for file in _files(os.fspath(directory)))


def _files(directory: str) -> Iterator[tuple[str, int, int, int]]:
    try:
        entries = list(os.scandir(directory))
    except OSError:  # It was removed in the meantime.
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED:
                    yield from _files(entry.path)
                continue
            status = entry.stat()
        except OSError:
            continue
        yield entry.path, status.st_ino, status.st_size, status.st_mtime_ns
