"""Checksums of generated files, by which a later run recognises a file that no person has edited.

Full commit hashes do not count, because Dependabot may have replaced them.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

_HASH: Final = re.compile(r"(?<=@)[0-9a-f]{40}\b(?:[ \t]*#[^\n]*)?")
_MARK: Final = "sha256:"
_LINE: Final = re.compile(rf"(?P<before>.*{_MARK})(?P<sum>[0-9a-f]{{16}})(?P<after>.*)")


def with_checksum(text: str) -> str:
    """Return a text whose first line ends its `sha256:` with the checksum of the other lines."""
    head, _, body = text.partition("\n")
    return f"{head.replace(_MARK, f'{_MARK}{_checksum(body)}', 1)}\n{body}"


def is_unedited(text: str) -> bool:
    """Return whether a text is as it was generated, except for commit hashes."""
    head, _, body = text.replace("\r\n", "\n").partition("\n")
    found = _LINE.fullmatch(head)
    return found is not None and found["sum"] == _checksum(body)


def _checksum(body: str) -> str:
    return hashlib.sha256(_HASH.sub("", body).encode()).hexdigest()[:16]
