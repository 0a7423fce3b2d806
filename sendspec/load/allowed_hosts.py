"""Allowed hosts of targets: the vendor's, loopback, and those that the environment names.

A pull request may change `sendspec.yaml`, and credentials are sent to the host in it. Therefore the
allowed hosts are part of the code, and only the environment, which a pull request cannot set, adds to
them. The hosts are from the vendor's documentation; the old names still work.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

ALLOWED_HOSTS: Final = "SENDSPEC_ALLOWED_HOSTS"
"""Environment variable with further hosts, separated by commas.

An entry is `[https://|http://]host[:port]`. Without a scheme it allows https only, without a port only
the default port of its scheme, because another port of a host may be another person's server.
"""

PODS: Final[Mapping[str, str]] = {
    pod: f"https://api-campaign-{pod}.goacoustic.com"
    for pod in ("us-1", "us-2", "us-3", "us-4", "us-5", "us-6", "eu-1", "ap-1", "ap-2", "ap-3", "ca-1")
}
"""The base URL of every pod."""

_VENDOR_HOSTS: Final = frozenset(
    [url.removeprefix("https://") for url in PODS.values()]
    + [f"api{pod}.{domain}" for pod in "123456789ab" for domain in ("silverpop.com", "ibmmarketingcloud.com")]
)
_BASE_URL: Final = lazy_pattern(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE | re.ASCII,
)
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_PORT_MAX: Final = 65535


class HostRefused(ValueError):
    """A base URL that credentials must not be sent to; the message completes "'baseUrl' …"."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def normalize_base_url(url: str, environ: Mapping[str, str], *, sandbox: bool = False) -> str:
    """Return `url` in lower case, without default port and trailing slash.

    The spelling is unique because a ledger belongs to a host. `sandbox` allows loopback only.

    Raises:
        HostRefused: if the URL is not scheme, host and port, or the host is not allowed.
    """
    match = _BASE_URL.fullmatch(url)
    port = int((match and match["port"]) or 0)
    if match is None or port > _PORT_MAX:
        raise HostRefused(
            "must be only scheme, host and port", "write it as https://host or https://host:8443"
        )
    scheme, host = match["scheme"].lower(), match["host"].lower()
    loopback = is_loopback(host.strip("[]"))
    if sandbox and not loopback:
        raise HostRefused("of the sandbox must be on loopback", "write it as http://127.0.0.1:8080")
    vendor = scheme == "https" and host in _VENDOR_HOSTS
    port = port or _DEFAULT_PORTS[scheme]
    if not (loopback or vendor or (scheme, host, port) in _allowed(environ)):
        entry = _format_url(scheme, host, port).removeprefix("https://")
        hint = f"use pod, or add {entry} to {ALLOWED_HOSTS} in the environment of sendspec"
        raise HostRefused("is not https on a host of the vendor", hint)
    return _format_url(scheme, host, port)


def _allowed(environ: Mapping[str, str]) -> set[tuple[str, str, int]]:
    """Return scheme, host and port of each valid entry of the environment."""
    entries = (entry.strip().lower() for entry in environ.get(ALLOWED_HOSTS, "").split(","))
    matches = (_BASE_URL.fullmatch(entry if "://" in entry else f"https://{entry}") for entry in entries)
    return {
        (match["scheme"], match["host"], int(match["port"] or _DEFAULT_PORTS[match["scheme"]]))
        for match in matches
        if match is not None
    }


def _format_url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host}" if port == _DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"
