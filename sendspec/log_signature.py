"""The signature of an outcome log line: a checksum against damage, and a MAC against forgery.

The checksum is CRC-32 of the line's other properties. The MAC is HMAC-SHA-256 of the same, cut to 128
bits, with the key of the machine or of the organisation. Both are properties of the line itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import zlib
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHECK: Final = "check"
MAC: Final = "mac"
_MAC_BYTES: Final = 16
_encode: Final = json.JSONEncoder(sort_keys=True).encode
"""`json.dumps` would create an encoder for each line."""
_PURPOSE: Final = b"sendspec outcome log 1\n"
"""A prefix that keeps the key from signing anything else."""


class Proof(Enum):
    """What the signature of a line proves."""

    SIGNED = auto()
    """A run with one of the keys wrote exactly this line."""
    UNSIGNED = auto()
    """The line is complete, but none of the keys signed it, or an earlier version wrote it."""
    DAMAGED = auto()
    """The line is not what its run wrote."""


def sign(value: Mapping[str, Any], key: bytes | None) -> dict[str, Any]:
    """Return a value with its checksum and its MAC, which is None without a key."""
    content = _content(value)
    return {**value, CHECK: _checksum(content), MAC: None if key is None else _mac(content, key)}


def prove(value: Mapping[str, Any], keys: Iterable[bytes]) -> Proof:
    """Return what the signature of a value proves; `keys` are those that are trusted."""
    content, mac = _content(value), value.get(MAC)
    if CHECK in value and value[CHECK] != _checksum(content):
        return Proof.DAMAGED
    if CHECK in value and isinstance(mac, str) and any(_is_mac(mac, content, key) for key in keys):
        return Proof.SIGNED
    return Proof.UNSIGNED


def _content(value: Mapping[str, Any]) -> bytes:
    signed = {name: item for name, item in value.items() if name not in (CHECK, MAC)}
    return _encode(signed).encode()


def _checksum(content: bytes) -> str:
    return f"{zlib.crc32(content):08x}"


def _mac(content: bytes, key: bytes) -> str:
    return hmac.digest(key, _PURPOSE + content, hashlib.sha256)[:_MAC_BYTES].hex()


def _is_mac(mac: str, content: bytes, key: bytes) -> bool:
    # Bytes, because compare_digest refuses text that is not ASCII.
    return hmac.compare_digest(mac.encode(errors="replace"), _mac(content, key).encode())
