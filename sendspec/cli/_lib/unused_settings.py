"""Notes about a connection: what the environment or the vendor has set, and sendspec does not use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

ROTATED: Final = (
    "note: the vendor replaced the refresh token, and sendspec does not store the new one\n"
    "  hint: if the next run reports refused credentials, create a new token for SENDSPEC_REFRESH_TOKEN"
)
"""Printed once, because the token in the environment may be the last that works."""

_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def ignored_variables_note(base_url: str, environ: Mapping[str, str]) -> str | None:
    """Return a note about variables that would change the connection of other programs, if one is set.

    Proxies do not count if `no_proxy` excludes the host.
    """
    url = urlsplit(base_url)
    names = [name for name in _CERTIFICATES if url.scheme == "https" and environ.get(name)]
    if not _bypasses(url.hostname or "", environ):
        written = (
            spelling for name in (f"{url.scheme}_proxy", "all_proxy") for spelling in (name.upper(), name)
        )
        names += [name for name in written if environ.get(name)]
    if not names:
        return None
    verb, pronoun = ("is", "it") if len(names) == 1 else ("are", "them")
    port = url.port or (443 if url.scheme == "https" else 80)
    return (
        f"note: {', '.join(names)} {verb} set, but sendspec does not use {pronoun}\n"
        f"  hint: allow a direct connection to {url.hostname}:{port} with a publicly trusted certificate"
    )


def _bypasses(host: str, environ: Mapping[str, str]) -> bool:
    excluded = (environ.get("no_proxy") or environ.get("NO_PROXY") or "").lower().split(",")
    suffixes = [entry.strip().lstrip("*.") for entry in excluded]
    everything = any(entry.strip() == "*" for entry in excluded)
    return everything or any(host == suffix or host.endswith(f".{suffix}") for suffix in suffixes if suffix)
