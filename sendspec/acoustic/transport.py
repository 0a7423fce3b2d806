"""HTTP/1.1 exchanges: one request and its whole answer, or the point at which the exchange failed.

Requests reuse connections, because handshakes would dominate the time of ten threads. A server may
close a connection in the instant of its reuse. A client cannot distinguish this from a request that was
accepted and lost, so the exchange counts as broken. A short idle time makes this rare.
"""

from __future__ import annotations

import zlib
from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpcore
from msgspec import Struct

from sendspec import __version__
from sendspec.acoustic.connections import Connections
from sendspec.acoustic.network_backend import DeadlineBackend, NotStarted, TooLate
from sendspec.acoustic.outcome import Answer, Failure, FailureKind
from sendspec.clocks import SystemClock
from sendspec.protocol_limits import CONCURRENCY_MAX, EXCHANGE_SECONDS_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.acoustic.network_backend import Exchange
    from sendspec.clocks import Clock, Deadline

_HEADERS: Final = {
    "User-Agent": f"sendspec/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}
_URLS_KEPT: Final = 16
_GZIP_ONLY: Final = 31
_SYSTEM_CLOCK: Final = SystemClock()


class Limits(Struct, frozen=True):
    """The limits of an exchange, in seconds except `connections` and `answer_bytes`.

    `connect`, `read`, `write` and `pool` limit single steps, as in httpcore; `total` limits the whole
    exchange. `idle` is how long a connection stays open for the next request. `connections` is the
    vendor's limit for an organisation. The operating system limits the look-up of a host name.
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
    """Sends requests and returns whole answers; many threads may use it together.

    It follows no redirects, keeps no cookies and uses no proxy, netrc or certificate of the
    environment. It always verifies TLS. It never sends a request twice.
    """

    def __init__(self, limits: Limits, clock: Clock = _SYSTEM_CLOCK) -> None:
        self._limits = limits
        self._backend = DeadlineBackend(clock)
        self._connections = Connections(limits.connections, limits.idle, self._backend)
        self._extensions = {
            "timeout": {"connect": limits.connect, "read": limits.read, "write": limits.write}
        }

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        latest: Deadline | None = None,
    ) -> Answer | Failure:
        """Send one request and return its answer, or a failure if there is none; raise nothing.

        From `latest` on no byte of the request is sent.
        """
        exchange = self._backend.start_exchange(self._limits.total, latest)
        status: int | None = None
        try:
            request = self._request(method, url, headers, body)
            seconds = exchange.timeout(self._limits.pool, httpcore.PoolTimeout)
            with self._connections.lease(request.url.origin, seconds) as connection:
                response = connection.handle_request(request)
                status = response.status
                # Before its end, closing closes the connection, so that no later request reads the rest.
                with closing(response):
                    return self._receive(response, exchange)
        except Exception as error:  # noqa: BLE001 - any error means a failure; the exchange has its kind
            return _failure(error, exchange, status)

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> httpcore.Request:
        parsed, host = _parse(url)
        every = {"Host": host, **_HEADERS, **headers}
        if body is not None:
            every["Content-Length"] = str(len(body))
        encoded = [(name.encode("ascii"), value.encode("ascii")) for name, value in every.items()]
        return httpcore.Request(method, parsed, headers=encoded, content=body, extensions=self._extensions)

    def _receive(self, response: httpcore.Response, exchange: Exchange) -> Answer:
        if not exchange.answer_started:
            raise _UnusableError("the answer arrived before the request and belongs to another one")
        body = bytearray()
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > self._limits.answer_bytes:
                raise _UnusableError(f"the answer is larger than {self._limits.answer_bytes:,} bytes")
        headers = _texts(response.headers)
        encoding = headers.get("content-encoding", "identity").strip().lower()
        plain = _decode(bytes(body), encoding, self._limits.answer_bytes)
        return Answer(response.status, headers, plain)


class _UnusableError(Exception):
    """An answer that arrived and cannot be used."""


@lru_cache(_URLS_KEPT)
def _parse(url: str) -> tuple[httpcore.URL, str]:
    """Return a URL, and the value of its Host header; the requests of a send share both."""
    return httpcore.URL(url), urlsplit(url).netloc


def _texts(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name; several of one name are joined by a comma, as RFC 9110 says."""
    texts: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        texts[name] = f"{texts[name]}, {value}" if name in texts else value
    return texts


def _failure(error: Exception, exchange: Exchange, status: int | None) -> Failure:
    own = isinstance(error, _UnusableError | NotStarted)
    reason = str(error) if own else f"{type(error).__name__}: {error}"
    if not exchange.request_started:
        kind = FailureKind.TOO_LATE if isinstance(error, TooLate) else FailureKind.NOT_CONNECTED
        return Failure(kind, f"nothing was sent: {reason}")
    head = "no answer" if status is None else f"answered {status}, but the answer is not usable"
    return Failure(FailureKind.BROKEN, f"{head}: {reason}")


def _decode(body: bytes, encoding: str, bytes_max: int) -> bytes:
    """Return the body without its content encoding, of at most `bytes_max` bytes.

    The request accepts no encoding, but some proxies compress nevertheless.
    """
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise _UnusableError("the answer has a content encoding that the request did not accept")
    decompressor = zlib.decompressobj(wbits=_GZIP_ONLY)
    plain = decompressor.decompress(body, bytes_max)
    if not decompressor.eof:
        raise _UnusableError(f"the unpacked answer is cut off, or larger than {bytes_max:,} bytes")
    return plain
