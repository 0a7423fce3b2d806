"""Kept connections of one transport: each exchange leases one, and returns it if it can be reused."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

import certifi
import httpcore

from sendspec.acoustic.http_connection import HttpConnection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.acoustic.exchange_limits import Limits


class Connections:
    """At most `limits.connections` connections; many threads may lease them together.

    The pool of httpcore asks every connection about its state for each request, which costs more than
    the request. Here each thread takes the connection that was used last.
    """

    def __init__(self, limits: Limits, backend: httpcore.NetworkBackend) -> None:
        """Open none yet; a connection that was idle for `limits.idle` seconds is not reused."""
        self._free = BoundedSemaphore(limits.connections)
        self._limits = limits
        self._backend = backend
        self._tls: ssl.SSLContext | None = None
        self._idle: list[HttpConnection] = []
        self._lock = Lock()
        self._closed = False

    @contextmanager
    def lease(self, origin: httpcore.Origin, seconds: float) -> Iterator[HttpConnection]:
        """Yield a connection to `origin` that no other thread uses.

        Raises:
            httpcore.PoolTimeout: all connections were in use for `seconds`.
            Exception: as the backend, if no connection can be opened.
        """
        if not self._free.acquire(timeout=seconds):
            raise httpcore.PoolTimeout("all connections are in use")
        try:
            connection = self._take(origin) or self._open(origin)
            try:
                yield connection
            finally:
                self._put_back(connection)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close the idle connections, and each other one when its exchange ends."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    def _take(self, origin: httpcore.Origin) -> HttpConnection | None:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if connection.origin == origin and not connection.has_ended:
                    return connection
                connection.close()
        return None

    def _open(self, origin: httpcore.Origin) -> HttpConnection:
        host, seconds = origin.host.decode("ascii"), self._limits.connect
        stream = self._backend.connect_tcp(host, origin.port, seconds)
        try:
            if origin.scheme == b"https":
                stream = stream.start_tls(self._tls_context(), host, seconds)
        except BaseException:
            stream.close()
            raise
        return HttpConnection(origin, stream, self._limits)

    def _tls_context(self) -> ssl.SSLContext:
        with self._lock:
            self._tls = self._tls or _tls_context()
            return self._tls

    def _put_back(self, connection: HttpConnection) -> None:
        if connection.start_next():
            with self._lock:
                if not self._closed:
                    self._idle.append(connection)
                    return
        connection.close()


def _tls_context() -> ssl.SSLContext:
    """Return a context that verifies the server by the bundled certificates only.

    `ssl.create_default_context` honours SSLKEYLOGFILE, whose keys decrypt the credentials.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
