"""HTTP/1.1 exchanges: one request and its whole answer, or the point at which the exchange failed.

Requests reuse connections, because handshakes would dominate the time of ten threads. A server may
close a connection in the instant of its reuse. A client cannot distinguish this from a request that was
accepted and lost, so the exchange counts as broken. A short idle time makes this rare.
"""

from __future__ import annotations

import ssl
import zlib
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Final

import certifi
import httpcore
import httpx

from sendspec import __version__
from sendspec.acoustic.network_backend import DeadlineBackend, NotStarted, TooLate
from sendspec.acoustic.outcome import Answer, Failure, FailureKind
from sendspec.clocks import SystemClock
from sendspec.protocol_limits import CONCURRENCY_MAX, EXCHANGE_SECONDS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.acoustic.network_backend import Exchange
    from sendspec.clocks import Clock, Deadline

_GZIP_ONLY: Final = 31
_SYSTEM_CLOCK: Final = SystemClock()


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an exchange, in seconds except `connections` and `answer_bytes`.

    `connect`, `read`, `write` and `pool` limit single steps, as in httpx; `total` limits the whole
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
        self._http = httpx.Client(
            transport=_PoolTransport(limits, self._backend),
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
            with self._http.stream(method, url, headers=headers, content=body) as response:
                status = response.status_code
                return self._receive(response, exchange)
        except Exception as error:  # noqa: BLE001 - any error means a failure; the exchange has its kind
            return _failure(error, exchange, status)

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def _receive(self, response: httpx.Response, exchange: Exchange) -> Answer:
        # An exception before the end of the body closes the connection, so no later request reads the rest.
        if not exchange.answer_started:
            raise _UnusableError("the answer arrived before the request and belongs to another one")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self._limits.answer_bytes:
                raise _UnusableError(f"the answer is larger than {self._limits.answer_bytes:,} bytes")
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        plain = _decode(bytes(body), encoding, self._limits.answer_bytes)
        return Answer(response.status_code, dict(response.headers), plain)


class _PoolTransport(httpx.BaseTransport):
    """A transport of httpx over a connection pool of httpcore that uses our network backend.

    Exceptions of httpcore pass through, because `Transport.send` treats every exception alike.
    """

    def __init__(self, limits: Limits, backend: DeadlineBackend) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls_context(),
            max_connections=limits.connections,
            max_keepalive_connections=limits.connections,
            keepalive_expiry=limits.idle,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.content,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_AnswerStream(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()


def _tls_context() -> ssl.SSLContext:
    """Return a context that verifies the server by the bundled certificates only.

    `ssl.create_default_context` honours SSLKEYLOGFILE, whose keys decrypt the credentials.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=certifi.where())
    return context


class _AnswerStream(httpx.SyncByteStream):
    """The body of one answer of the pool; closing it returns the connection."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _UnusableError(Exception):
    """An answer that arrived and cannot be used."""


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
