"""Ledger of many small sends, which the sandbox accepts: `python -m tests.bench.finished_ledger SPECS`.

It is what `apply` writes, except that digests of single lists, and of groups of them, are quick to compute.
The real ones would take minutes: 35 ms for each of 10,000 lists, and for 1,700 groups. A plan of sends of
which nothing changed computes two stretched digests, that of all lists and its own, and these are real.
"""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any, Final

from sendspec.cli import run

if TYPE_CHECKING:
    from collections.abc import Sequence

_REAL: Final = (b"lists /", b"plan")
"""The salts of the digests that a plan computes of sends of which nothing changed."""


def quicken_other_digests() -> None:
    """Let scrypt cost next to nothing for other salts."""
    scrypt = hashlib.scrypt

    def quick(password: bytes, *, salt: bytes, n: int, **rest: Any) -> bytes:
        return scrypt(password, salt=salt, n=n if salt in _REAL else 2, **rest)

    hashlib.scrypt = quick  # type: ignore[assignment]


def main(arguments: Sequence[str]) -> int:
    """Apply the project to its sandbox, and return the exit code."""
    quicken_other_digests()
    return run(["apply", *arguments, "--auto-approve"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
