"""What a batch is recognised by: a digest of its exact contacts, and a stretched one to store."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ONE_A_LINE: Final = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
_SCRYPT_MEMORY: Final = 64 * 1024 * 1024
"""OpenSSL's ceiling for scrypt, in bytes; n=2**14 with r=8 takes 16 MiB and a little."""


def digest_of(contacts: Iterable[Mapping[str, Any]]) -> bytes:
    """Give SHA-256 over the canonical JSON of each contact, in the API's form, and a newline."""
    digest = hashlib.sha256()
    for contact in contacts:
        digest.update(orjson.dumps(contact, option=_ONE_A_LINE))
    return digest.digest()


@cache
def stretch(address: str, digest: str) -> str:
    """Give the form of an audience digest that may be stored: `scrypt:` and 64 hex digits.

    A phone number has so few digits that a plain hash of a short list is undone in hours. scrypt
    (RFC 7914, n=2**14, r=8, p=1) makes each guess cost 16 MiB and some 50 ms; the salt, the send's
    address, keeps two sends to the same people from looking alike. Asked again, it remembers.
    """
    key = hashlib.scrypt(
        digest.encode(), salt=address.encode(), n=2**14, r=8, p=1, maxmem=_SCRYPT_MEMORY, dklen=32
    )
    return f"scrypt:{key.hex()}"
