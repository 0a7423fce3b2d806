"""Kept connections of one transport: each exchange leases one, and returns it if it can be reused."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

import certifi
import httpcore

if TYPE_CHECKING:
    from collections.abc import Iterator


class Connections:
    """At most `connections_max` connections to one host; many threads may lease them together.

    The pool of httpcore asks every connection about its state for each request, which costs more than
    the request. Here each thread takes the connection that was used last.
    """

    def __init__(self, connections_max: int, idle_seconds: float, backend: httpcore.NetworkBackend) -> None:
        """Open none yet; a connection that was idle for `idle_seconds` is not reused."""
        self._free = BoundedSemaphore(connections_max)
        self._idle_seconds = idle_seconds
        self._backend = backend
        self._tls: ssl.SSLContext | None = None
        self._idle: list[httpcore.HTTPConnection] = []
        self._lock = Lock()
        self._closed = False

    @contextmanager
    def lease(self, origin: httpcore.Origin, seconds: float) -> Iterator[httpcore.HTTPConnection]:
        """Yield a connection to `origin` that no other thread uses; it may not be open yet.

        Raises:
            httpcore.PoolTimeout: all connections were in use for `seconds`.
        """
        if not self._free.acquire(timeout=seconds):
            raise httpcore.PoolTimeout("all connections are in use")
        try:
            connection = self._take(origin)
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

    def _take(self, origin: httpcore.Origin) -> httpcore.HTTPConnection:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if connection.can_handle_request(origin) and not connection.has_expired():
                    return connection
                connection.close()
            if self._tls is None and origin.scheme == b"https":
                self._tls = _tls_context()
        return httpcore.HTTPConnection(
            origin,
            ssl_context=self._tls,
            keepalive_expiry=self._idle_seconds,
            network_backend=self._backend,
        )

    def _put_back(self, connection: httpcore.HTTPConnection) -> None:
        with self._lock:
            if connection.is_idle() and not connection.is_closed() and not self._closed:
                self._idle.append(connection)
                return
        connection.close()


def _tls_context() -> ssl.SSLContext:
    """Return a context that verifies the server by the bundled certificates only.

    `ssl.create_default_context` honours SSLKEYLOGFILE, whose keys decrypt the credentials.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=certifi.where())
    return context
