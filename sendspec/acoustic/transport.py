"""HTTP/1.1 exchanges: one request and its whole answer, or the point at which the exchange failed.

Requests reuse connections, because handshakes would dominate the time of ten threads. A server may
close a connection in the instant of its reuse. A client cannot distinguish this from a request that was
accepted and lost, so the exchange counts as broken. A short idle time makes this rare.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import h11
import httpcore

from sendspec import __version__
from sendspec.acoustic.connections import Connections
from sendspec.acoustic.exchange_limits import Limits
from sendspec.acoustic.network_backend import DeadlineBackend, NotStarted, TooLate
from sendspec.acoustic.outcome import Answer, Failure, FailureKind
from sendspec.clocks import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sendspec.acoustic.http_connection import HttpConnection
    from sendspec.acoustic.network_backend import Exchange
    from sendspec.clocks import Clock, Deadline

__all__ = ["Limits", "Transport"]

_HEADERS: Final = {
    "User-Agent": f"sendspec/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}
_URLS_KEPT: Final = 16
_GZIP_ONLY: Final = 31
_SYSTEM_CLOCK: Final = SystemClock()


class Transport:
    """Sends requests and returns whole answers; many threads may use it together.

    It follows no redirects, keeps no cookies and uses no proxy, netrc or certificate of the
    environment. It always verifies TLS. It never sends a request twice.
    """

    def __init__(self, limits: Limits, clock: Clock = _SYSTEM_CLOCK) -> None:
        self._limits = limits
        self._backend = DeadlineBackend(clock)
        self._connections = Connections(limits, self._backend)

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
            origin, target, host = _parse(url)
            request = _request(method, target, {"Host": host, **_HEADERS, **headers}, body)
            seconds = exchange.timeout(self._limits.pool, httpcore.PoolTimeout)
            with self._connections.lease(origin, seconds) as connection:
                connection.send(request, body)
                head = connection.receive_head()
                status = head.status_code
                return self._receive(head, connection, exchange)
        except Exception as error:  # noqa: BLE001 - any error means a failure; the exchange has its kind
            return _failure(error, exchange, status)

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()

    def _receive(self, head: h11.Response, connection: HttpConnection, exchange: Exchange) -> Answer:
        if not exchange.answer_started:
            raise _UnusableError("the answer arrived before the request and belongs to another one")
        body = bytearray()
        for part in connection.receive_body():
            body += part
            if len(body) > self._limits.answer_bytes:
                raise _UnusableError(f"the answer is larger than {self._limits.answer_bytes:,} bytes")
        headers = _texts(head.headers)
        encoding = headers.get("content-encoding", "identity").strip().lower()
        plain = _decode(bytes(body), encoding, self._limits.answer_bytes)
        return Answer(head.status_code, headers, plain)


class _UnusableError(Exception):
    """An answer that arrived and cannot be used."""


class _Destination(NamedTuple):
    origin: httpcore.Origin
    target: bytes
    host: str


@lru_cache(_URLS_KEPT)
def _parse(url: str) -> _Destination:
    """Return the parts of a URL, which the requests of a send share, and the value of its Host header."""
    parsed = httpcore.URL(url)
    return _Destination(parsed.origin, parsed.target, urlsplit(url).netloc)


def _request(method: str, target: bytes, headers: Mapping[str, str], body: bytes | None) -> h11.Request:
    encoded = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    if body is not None:
        encoded.append((b"Content-Length", b"%d" % len(body)))
    return h11.Request(method=method, target=target, headers=encoded)


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name; several of one name are joined by a comma, as RFC 9110 says."""
    texts: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
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
