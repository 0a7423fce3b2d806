"""What a batch is recognised by: a digest of its exact contacts, and a stretched one to store."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")

_ONE_A_LINE: Final = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
_SCRYPT_MEMORY: Final = 64 * 1024 * 1024
"""OpenSSL's ceiling for scrypt, in bytes; n=2**14 with r=8 takes 16 MiB and a little."""
_WORTH_SPREADING: Final = 8


def digest_of(contacts: Iterable[Mapping[str, Any]]) -> bytes:
    """Give SHA-256 over the canonical JSON of each contact, in the API's form, and a newline."""
    digest = hashlib.sha256()
    for contact in contacts:
        digest.update(orjson.dumps(contact, option=_ONE_A_LINE))
    return digest.digest()


@cache
def stretched_digest(address: str, digest: str) -> str:
    """Give the form of an audience digest that may be stored: `scrypt:` and 64 hex digits.

    A phone number has so few digits that a plain hash of a short list is undone in hours. scrypt
    (RFC 7914, n=2**14, r=8, p=1) makes each guess cost 16 MiB and some 50 ms; the salt, the send's
    address, keeps two sends to the same people from looking alike. Asked again, it remembers.
    """
    key = hashlib.scrypt(
        digest.encode(), salt=address.encode(), n=2**14, r=8, p=1, maxmem=_SCRYPT_MEMORY, dklen=32
    )
    return f"scrypt:{key.hex()}"


def parallel_map(function: Callable[[_Item], _Found], items: Sequence[_Item]) -> list[_Found]:
    """Give `function` of every item, worked out on all processors: for what ends in `stretched_digest`.

    scrypt lets go of the interpreter while it works, so threads do. Each takes every n-th item,
    since handing out items one by one would cost more than most of them take.
    """
    workers = 1 if len(items) < _WORTH_SPREADING else os.cpu_count() or 1
    if workers == 1:
        return [function(item) for item in items]

    def share(first: int) -> list[_Found]:
        return [function(item) for item in items[first::workers]]

    with ThreadPoolExecutor(workers) as pool:
        shares = list(pool.map(share, range(workers)))
    return [shares[at % workers][at // workers] for at in range(len(items))]
