"""Comparison of the list files of a base with those on disk, by their contents."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

LFS_POINTER_MAX: Final = 1024
"""Bytes of a pointer of Git LFS. Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md"""

_LFS_OID: Final = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_CHUNK: Final = 1 << 20
_SHA1_DIGITS: Final = 40


def git_object_of(path: Path, like: str) -> str | None:
    """Return the name that git gives to the content of a file, None if it cannot be read.

    `like` is another name of an object, which shows the hash function of the repository.
    """
    digest = hashlib.sha1(usedforsecurity=False) if len(like) == _SHA1_DIGITS else hashlib.sha256()
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            digest.update(b"blob %d\0" % size)
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest()


def is_pointer_to(pointer: bytes, path: Path) -> bool:
    """Return whether a content is a pointer of Git LFS to the content of a file."""
    match = _LFS_OID.search(pointer)
    if match is None or not pointer.startswith(b"version https://git-lfs"):
        return False
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return False
    return digest.hexdigest() == match[1].decode()
