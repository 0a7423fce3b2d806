"""Network backend for httpcore with one deadline per exchange and a record of the bytes on the socket.

httpcore limits each read and each write only, so a server that sends one byte a minute could hold a thread
without end. This backend limits every step to the remaining time of the whole exchange.

The stream also records whether a byte of the request was handed to the operating system, and whether
bytes of the answer were read in this exchange. Both are facts about the socket; the type of an
exception proves neither.
"""

from __future__ import annotations

import select
import ssl
import threading
from typing import TYPE_CHECKING, Any, Final

import httpcore
from msgspec import Struct

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

    from sendspec.clocks import Clock, Deadline

_CHUNK_BYTES: Final = 128 * 1024
"""At most this much is sent between two checks of the deadline: more than a usual request has."""


class NotStarted(Exception):
    """The exchange ended before a byte of the request left."""


class TooLate(NotStarted):
    """The last instant for the request is over."""


class StaleConnection(NotStarted):
    """A kept connection has bytes that no request of it asked for."""


class Exchange(Struct):
    """The progress of the exchange that one thread is in; `deadline` is in elapsed seconds.

    The request must not leave from `latest` on.
    """

    clock: Clock
    seconds_max: float
    deadline: float
    latest: Deadline | None = None
    request_started: bool = False
    answer_started: bool = False

    def timeout(self, step: float | None, error: type[httpcore.TimeoutException]) -> float:
        """Return the seconds that the next step may take: `step`, or less before the deadline.

        Raises:
            httpcore.TimeoutException: as `error`, after the deadline.
        """
        remaining = self.deadline - self.clock.elapsed()
        if remaining <= 0:
            raise error(f"the whole exchange took longer than {self.seconds_max:g} s")
        return remaining if step is None else min(step, remaining)

    def check_latest(self) -> None:
        """Raise TooLate if no further byte of the request may leave."""
        if self.latest is not None and self.latest.has_passed(self.clock):
            raise TooLate("the last instant for this request is over")


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections whose every step belongs to the exchange of the calling thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sockets = httpcore.SyncBackend()
        self._threads = threading.local()

    def start_exchange(self, seconds_max: float, latest: Deadline | None = None) -> Exchange:
        """Start the exchange of this thread, in place of the one before."""
        exchange = Exchange(self._clock, seconds_max, self._clock.elapsed() + seconds_max, latest)
        self._threads.exchange = exchange
        return exchange

    @property
    def exchange(self) -> Exchange:
        """The exchange that the calling thread started last."""
        current: Exchange = self._threads.exchange
        return current

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect within the deadline."""
        seconds = self.exchange.timeout(timeout, httpcore.ConnectTimeout)
        return _Stream(self, self._sockets.connect_tcp(host, port, seconds, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    """One connection, before or after TLS; `write` gets HTTP only, never a handshake.

    Its socket does not block. A socket with a time limit makes two more system calls in each step, and
    each gives the interpreter to another thread.
    """

    def __init__(self, backend: DeadlineBackend, stream: httpcore.NetworkStream) -> None:
        self._backend = backend
        self._stream = stream
        self._socket: socket.socket = stream.get_extra_info("socket")
        self._socket.settimeout(0)
        self._tls = stream.get_extra_info("ssl_object")
        self._incoming, self._outgoing = select.poll(), select.poll()
        self._incoming.register(self._socket, select.POLLIN)
        self._outgoing.register(self._socket, select.POLLOUT)
        self._was_read = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        exchange = self._backend.exchange
        data = None
        while data is None:
            seconds = exchange.timeout(timeout, httpcore.ReadTimeout)
            if not self._has_decrypted():
                _wait(self._incoming, seconds, httpcore.ReadTimeout)
            data = self._receive(max_bytes, seconds)
        exchange.answer_started = self._was_read = True
        return data

    def _receive(self, max_bytes: int, seconds: float) -> bytes | None:
        """Return the bytes that arrived, None if TLS needs more of them or has to write first."""
        try:
            return self._socket.recv(max_bytes)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except ssl.SSLWantWriteError:
            _wait(self._outgoing, seconds, httpcore.ReadTimeout)
            return None
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange = self._backend.exchange
        if self._was_read and not exchange.request_started and self._has_unread():
            # Bytes before the request belong to an earlier one, and would be read as its answer.
            raise StaleConnection("the connection has an answer to an earlier request")
        unsent = memoryview(buffer)
        while unsent:
            exchange.check_latest()
            seconds = exchange.timeout(timeout, httpcore.WriteTimeout)
            exchange.request_started = True
            unsent = unsent[self._send(unsent[:_CHUNK_BYTES], seconds) :]

    def _send(self, data: memoryview, seconds: float) -> int:
        """Send and return the number of bytes, or wait and return 0; TLS sends the same bytes again then."""
        try:
            return self._socket.send(data)
        except (BlockingIOError, ssl.SSLWantWriteError):
            _wait(self._outgoing, seconds, httpcore.WriteTimeout)
        except ssl.SSLWantReadError:
            _wait(self._incoming, seconds, httpcore.WriteTimeout)
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error
        return 0

    def _has_decrypted(self) -> bool:
        return self._tls is not None and self._tls.pending() > 0

    def _has_unread(self) -> bool:
        return self._has_decrypted() or bool(self._incoming.poll(0))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._backend.exchange.timeout(timeout, httpcore.ConnectTimeout)
        return _Stream(self._backend, self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self._has_unread()
        return self._stream.get_extra_info(info)


def _wait(events: select.poll, seconds: float, error: type[httpcore.TimeoutException]) -> None:
    """Wait for an event; raise `error` if none comes in time."""
    if not events.poll(seconds * 1000):
        raise error("timed out")
