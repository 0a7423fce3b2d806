"""Which hosts a target may name: the vendor's, loopback, and what the environment allows by name.

A pull request may change `sendspec.yaml`, and credentials go to the host that it names. So the list
of hosts is here in the code, and what extends it is the environment, which a pull request cannot set.
Hosts are those of the vendor's documentation; the old names still answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.model import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

ALLOWED_HOSTS: Final = "SENDSPEC_ALLOWED_HOSTS"
"""The variable that names further hosts: `host` or `host:port`, separated by commas."""

PODS: Final[Mapping[str, str]] = {
    pod: f"https://api-campaign-{pod}.goacoustic.com"
    for pod in ("us-1", "us-2", "us-3", "us-4", "us-5", "us-6", "eu-1", "ap-1", "ap-2", "ap-3", "ca-1")
}
"""The base URL of every pod."""

_VENDOR_HOSTS: Final = frozenset(
    [url.removeprefix("https://") for url in PODS.values()]
    + [f"api{pod}.{domain}" for pod in "123456789ab" for domain in ("silverpop.com", "ibmmarketingcloud.com")]
)
_BASE_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE | re.ASCII,
)
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_LAST_PORT: Final = 65535


class HostRefused(ValueError):
    """A base URL that credentials may not go to; `hint` is the way out."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def checked_base_url(url: str, environ: Mapping[str, str], *, sandbox: bool = False) -> str:
    """Give `url` in its one spelling (lower case, no default port, no slash at the end).

    One spelling, because the host is what a ledger belongs to. `sandbox` allows loopback only.

    Raises:
        HostRefused: if it is not scheme, host and port, or the host is not one of those allowed.
    """
    found = _BASE_URL.fullmatch(url)
    port = int((found and found["port"]) or 0)
    if found is None or port > _LAST_PORT:
        raise HostRefused(
            "must be scheme, host and port, and nothing else", "such as https://host or https://host:8443"
        )
    scheme, host = found["scheme"].lower(), found["host"].lower()
    loopback = is_loopback(host.strip("[]"))
    if sandbox and not loopback:
        raise HostRefused("of the sandbox must be on loopback", "such as http://127.0.0.1:8080")
    vendor = scheme == "https" and host in _VENDOR_HOSTS
    if not (loopback or vendor or _is_allowed(host, port or _DEFAULT_PORTS[scheme], environ)):
        hint = f"use pod, or name the host in {ALLOWED_HOSTS} where sendspec runs"
        raise HostRefused("is not https on a host of the vendor", hint)
    return f"{scheme}://{host}" if port in {0, _DEFAULT_PORTS[scheme]} else f"{scheme}://{host}:{port}"


def _is_allowed(host: str, port: int, environ: Mapping[str, str]) -> bool:
    allowed = {name.strip().lower() for name in environ.get(ALLOWED_HOSTS, "").split(",")}
    return host in allowed or f"{host}:{port}" in allowed
