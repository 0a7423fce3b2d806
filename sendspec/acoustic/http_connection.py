"""HTTP/1.1 on one connection: h11 writes the head of a request and parses the answer."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import h11
import httpcore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.acoustic.exchange_limits import Limits

_HEAD_BYTES_MAX: Final = 100 * 1024
_READ_BYTES: Final = 64 * 1024


class HttpConnection:
    """An open connection to `origin`, on which one exchange follows another; one thread at a time uses it."""

    def __init__(self, origin: httpcore.Origin, stream: httpcore.NetworkStream, limits: Limits) -> None:
        self.origin = origin
        self._stream = stream
        self._limits = limits
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES_MAX)
        self._expires_at = float("inf")

    @property
    def has_ended(self) -> bool:
        """Whether it was idle for too long, or the server closed it or sent what no request asked for."""
        return time.monotonic() > self._expires_at or bool(self._stream.get_extra_info("is_readable"))

    def send(self, request: h11.Request, body: bytes | None) -> None:
        """Send a whole request, or as much of it as the server takes.

        Raises:
            Exception: as the stream.
        """
        content = self._http.send(request) or b""
        if body is not None:
            content += self._http.send(h11.Data(data=body)) or b""
        # A server may refuse a request before its end, and its answer counts. The request then has no end
        # for h11 either, so the connection is not reused.
        with suppress(httpcore.WriteError):
            self._stream.write(content, self._limits.write)
            self._http.send(h11.EndOfMessage())

    def receive_head(self) -> h11.Response:
        """Return the head of the answer, after all interim answers.

        Raises:
            Exception: as the stream; h11.RemoteProtocolError if it is not HTTP.
        """
        while not isinstance(event := self._receive(), h11.Response):
            pass
        return event

    def receive_body(self) -> Iterator[bytes]:
        """Yield the parts of the body until its end; raise as `receive_head`."""
        while not isinstance(event := self._receive(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                yield bytes(event.data)

    def _receive(self) -> h11.Event | type[h11.NEED_DATA | h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = self._stream.read(_READ_BYTES, self._limits.read)
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise h11.RemoteProtocolError("Server disconnected without sending a response.")
            self._http.receive_data(data)
        return event

    def start_next(self) -> bool:
        """Prepare the next exchange; return False if this one did not end on both sides."""
        if (self._http.our_state, self._http.their_state) != (h11.DONE, h11.DONE):
            return False
        self._http.start_next_cycle()
        self._expires_at = time.monotonic() + self._limits.idle
        return True

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
