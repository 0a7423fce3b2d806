"""Fingerprints of recipients: a digest of the exact contacts, and a stretched one to store."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CANONICAL_LINE: Final = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
_SCRYPT_BYTES_MAX: Final = 64 * 1024 * 1024
"""OpenSSL's limit for scrypt; n=2**14 with r=8 needs a little more than 16 MiB."""


def contact_lines(contacts: Iterable[Mapping[str, Any]]) -> bytes:
    """Return one line of canonical JSON for each contact in the API's form."""
    return b"".join(orjson.dumps(contact, option=_CANONICAL_LINE) for contact in contacts)


def digest_of(lines: bytes) -> bytes:
    """Return the SHA-256 of the lines of a request's contacts."""
    return hashlib.sha256(lines).digest()


@cache
def stretched_digest(address: str, digest: str) -> str:
    """Return the form of an audience digest that may be stored: `scrypt:` and 64 hex digits.

    Phone numbers have so few digits that a plain hash of a short list is broken in hours. scrypt
    (RFC 7914, n=2**14, r=8, p=1) makes each guess cost 16 MiB and about 50 ms. The salt is the
    address of the send, so two sends to the same recipients have different digests.
    """
    key = hashlib.scrypt(
        digest.encode(), salt=address.encode(), n=2**14, r=8, p=1, maxmem=_SCRYPT_BYTES_MAX, dklen=32
    )
    return f"scrypt:{key.hex()}"
