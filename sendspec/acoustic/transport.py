"""One exchange of bytes over HTTP/1.1: a whole answer, or how far it came.

httpx times each read and each write, so a server that feeds one byte a minute could hold a thread for
ever, within headers as well as within the body. The network backend here gives every read and write
what is left of one deadline for the whole exchange. It also sees whether a byte of the request was
handed to the operating system, which settles "no byte left" by fact instead of by the name of an
exception, and whether the answer was heard after the request.

Kept-alive connections are what makes ten threads fast, and have one weakness: a server may close one
in the instant in which it is used again. That is indistinguishable from a request that was taken and
lost, and is reported as such; a short idle time makes it rare.
"""

from __future__ import annotations

import threading
import time
import zlib
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from sendspec import __version__
from sendspec.acoustic.outcome import Answer, Failure, FailureKind
from sendspec.limits import CONCURRENCY_MAX, EXCHANGE_SECONDS_MAX

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

_GZIP_ONLY: Final = 31
_WRITE_BYTES: Final = 16 * 1024
"""Small enough that one piece fits the socket's buffer, so that the deadline is looked at often."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an exchange may take, in seconds, and how much an answer may hold.

    `connections` is the vendor's limit for an organisation; `idle` is how long a connection is kept
    for the next request. Looking up a host name is the operating system's to time.
    """

    connect: float = 10.0
    read: float = 60.0
    write: float = 30.0
    pool: float = 30.0
    total: float = EXCHANGE_SECONDS_MAX
    idle: float = 5.0
    connections: int = CONCURRENCY_MAX
    answer_bytes: int = 1024 * 1024


class Transport:
    """Sends requests and returns whole answers; may be used by many threads at once.

    No redirects, no proxies, netrc or certificates from the environment, no cookies; TLS is always
    verified; nothing is ever sent a second time.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._backend = _Backend()
        self._http = httpx.Client(
            transport=_Transport(limits, self._backend),
            timeout=httpx.Timeout(
                connect=limits.connect, read=limits.read, write=limits.write, pool=limits.pool
            ),
            headers={
                "User-Agent": f"sendspec/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            trust_env=False,
            follow_redirects=False,
        )

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer | Failure:
        """Send one request and read its answer; whatever goes wrong is returned, never raised."""
        exchange = self._backend.begin(self._limits.total)
        try:
            with self._http.stream(method, url, headers=headers, content=body) as response:
                exchange.status = response.status_code
                return self._receive(response, exchange)
        except Exception as error:  # noqa: BLE001 - whatever broke, what counts is whether a byte had left
            return exchange.failure(error)

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def _receive(self, response: httpx.Response, exchange: _Exchange) -> Answer:
        # Leaving before the body was read closes the connection, so nothing else is misread from it.
        if not exchange.heard:
            raise _UnusableError("the answer had come before the request: it belongs to something else")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self._limits.answer_bytes:
                raise _UnusableError(f"the answer is larger than {self._limits.answer_bytes:,} bytes")
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        plain = _unpack(bytes(body), encoding, self._limits.answer_bytes)
        return Answer(response.status_code, dict(response.headers), plain)


class _UnusableError(Exception):
    """An answer that arrived and cannot be used."""


def _unpack(body: bytes, encoding: str, most: int) -> bytes:
    """Undo a content encoding that nobody asked for, never making more than `most` bytes of it."""
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise _UnusableError("the answer is encoded in a way that was not asked for")
    unpacker = zlib.decompressobj(wbits=_GZIP_ONLY)
    plain = unpacker.decompress(body, most)
    if not unpacker.eof:
        raise _UnusableError(f"the unpacked answer is cut off, or larger than {most:,} bytes")
    return plain


@dataclass(slots=True)
class _Exchange:
    """What is known of the exchange that a thread is in."""

    total: float
    deadline: float
    wrote: bool = False
    heard: bool = False
    status: int | None = None

    def left(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise error(f"the whole exchange took longer than {self.total:g} s")
        return left if timeout is None else min(timeout, left)

    def failure(self, error: Exception) -> Failure:
        reason = f"{type(error).__name__.removeprefix('_')}: {error}"
        if not self.wrote:
            return Failure(FailureKind.NOT_CONNECTED, f"nothing left this machine: {reason}")
        head = "no answer" if self.status is None else f"answered {self.status}, but not to the end"
        return Failure(FailureKind.BROKEN, f"{head}: {reason}")


class _Backend(httpcore.NetworkBackend):
    """Connections whose every step is part of the exchange that the calling thread is in."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()
        self._threads = threading.local()

    def begin(self, total: float) -> _Exchange:
        exchange = _Exchange(total, time.monotonic() + total)
        self._threads.exchange = exchange
        return exchange

    @property
    def exchange(self) -> _Exchange:
        current: _Exchange = self._threads.exchange
        return current

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = self.exchange.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self, self._plain.connect_tcp(host, port, left, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    """One connection, before or after TLS; what `write` is given is HTTP, never a handshake."""

    def __init__(self, backend: _Backend, plain: httpcore.NetworkStream) -> None:
        self._backend = backend
        self._plain = plain

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        exchange = self._backend.exchange
        got = self._plain.read(max_bytes, exchange.left(timeout, httpcore.ReadTimeout))
        exchange.heard = True
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange = self._backend.exchange
        for start in range(0, len(buffer), _WRITE_BYTES):
            left = exchange.left(timeout, httpcore.WriteTimeout)
            exchange.wrote = True
            self._plain.write(buffer[start : start + _WRITE_BYTES], left)

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._backend.exchange.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._backend, self._plain.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


class _Transport(httpx.HTTPTransport):
    """httpx's own transport, mapping errors as it does, over a pool that uses our backend."""

    def __init__(self, limits: Limits, backend: _Backend) -> None:
        verified = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=verified)
        self._pool = httpcore.ConnectionPool(
            ssl_context=verified,
            max_connections=limits.connections,
            max_keepalive_connections=limits.connections,
            keepalive_expiry=limits.idle,
            network_backend=backend,
        )
