"""The identity of a ledger branch: a random id, and the repository that the branch belongs to.

A fork or a mirror with all branches has a copy of the ledger. A run with the copy would not know what
runs with the original send, and the other way round.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from sendspec.errors import LedgerCorrupt
from sendspec.lazy_pattern import lazy_pattern
from sendspec.ledger.journal import to_json

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY_FILE: Final = "sendspec-ledger.json"
"""The file in the root of the branch."""

_VERSION: Final = 1
_SCP: Final = lazy_pattern(r"(?:[^@/:]+@)?(?P<host>\[[^\]/]+\]|[^/:\[\]]+):(?P<path>(?!//).*)")
_URL: Final = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80, "ssh": 22, "git": 9418}
_HOST_ALIASES: Final = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
}
"""Hosts for SSH through the port of HTTPS, as the three services document them."""


class Identity(NamedTuple):
    """A random id, and the normalised URL of the repository."""

    id: str
    remote: str


def encode_identity(identity: Identity) -> bytes:
    """Return the content of the file."""
    value = {"version": _VERSION, "id": identity.id, "remote": identity.remote}
    return to_json(value, indented=True) + b"\n"


def decode_identity(content: bytes) -> Identity:
    """Return the identity in the file; raise LedgerCorrupt if it is not one."""
    try:
        value: Any = json.loads(content)
        parts = value["id"], value["remote"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _invalid() from error
    if not all(isinstance(part, str) and part.isprintable() for part in parts):
        raise _invalid()
    return Identity(*parts)


def _invalid() -> LedgerCorrupt:
    return LedgerCorrupt(
        f"sendspec-state:{IDENTITY_FILE}:1: this is not the identity of a ledger",
        hint="find the commit that changed it with `git log`, and undo it with a new commit",
    )


def normalize_url(url: str, base: Path) -> str:
    """Return the repository of a URL as host and path, the same for HTTPS and SSH, without credentials.

    A local path is absolute; `base` is the directory that a relative path starts from.
    """
    if _URL.match(url):
        return _normalize_network_url(url)
    match = _SCP.fullmatch(url)
    if match is not None:
        return _join(match["host"], match["path"])
    return str((base / url).resolve()).removesuffix(".git")


def _normalize_network_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme.lower() == "file":
        return parts.path.rstrip("/").removesuffix(".git")
    host, _, port = parts.netloc.rpartition("@")[2].rpartition(":")
    if not host or not port.isdigit():
        host, port = parts.netloc.rpartition("@")[2], ""
    if port == str(_DEFAULT_PORTS.get(parts.scheme.lower(), "")) or host.lower() in _HOST_ALIASES:
        port = ""
    return _join(f"{host}:{port}" if port else host, parts.path)


def _join(host: str, path: str) -> str:
    host = _HOST_ALIASES.get(host.lower(), host)
    # The common services ignore case, so a second spelling is not another repository.
    return f"{host}/{path.strip('/').removesuffix('.git').rstrip('/')}".lower()
