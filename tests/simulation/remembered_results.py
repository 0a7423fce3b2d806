"""Results of pure functions that are kept for one process, because thousands of histories need them again.

Most histories begin like another one, so their runs read the same bytes of a ledger.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sendspec.ledger import codec
from sendspec.model import LedgerState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RESULTS_MAX: Final = 4096


def remember_decoded_ledgers() -> None:
    """Let the codec decode the same bytes of the same owner once; it depends on nothing else."""
    codec.decode_ledger = _remembering(codec.decode_ledger)
    codec.lockfile_state = _remembering(codec.lockfile_state)


@contextmanager
def remembered_ledgers() -> Iterator[None]:
    """Do `remember_decoded_ledgers`, and restore the codec at the end."""
    functions = codec.decode_ledger, codec.lockfile_state
    remember_decoded_ledgers()
    try:
        yield
    finally:
        codec.decode_ledger, codec.lockfile_state = functions


def stretch_little() -> None:
    """Let scrypt cost next to nothing; a short simulation would take half of its time for it.

    All runs of the process agree on every digest, and `test_audience` tests the real cost.
    """
    scrypt = hashlib.scrypt

    def quick(password: bytes, *, n: int, **rest: Any) -> bytes:
        return scrypt(password, n=min(n, 2), **rest)

    hashlib.scrypt = quick  # type: ignore[assignment]


def _remembering(decode: Callable[..., Any]) -> Callable[..., Any]:
    """Return `decode`, whose arguments are contents, names and the empty state of the owner, with a memory.

    An exception is not remembered.
    """

    @lru_cache(_RESULTS_MAX)
    def decoded(target: str, account: str, accept_edits: bool, *rest: Any) -> Any:  # noqa: FBT001 - part of the key
        return decode(*rest, LedgerState(target, account), accept_edits=accept_edits)

    def remembered(*arguments: Any, accept_edits: bool = False) -> Any:
        *rest, expected = arguments
        assert expected == LedgerState(expected.target, expected.account)
        return decoded(expected.target, expected.account, accept_edits, *rest)

    return remembered
