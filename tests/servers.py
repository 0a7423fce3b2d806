"""Servers on loopback that answer the exact bytes of a test's script, and count requests.

A script is a function with one `Connection`. A `ScriptedServer` uses one script per connection, and the
last one for all further connections. It runs each script in a thread of its own.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One received request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class ConnectionClosedError(Exception):
    """The other side closed the connection."""


@dataclass
class Connection:
    """One accepted connection, and the actions of a script on it."""

    socket: socket.socket
    server: ScriptedServer
    buffer: bytes = b""

    def request(self) -> Request:
        """Read one whole request, and add it to the requests of the server."""
        while HEAD_END not in self.buffer:
            self._read()
        head, _, self.buffer = self.buffer.partition(HEAD_END)
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self.buffer) < length:
            self._read()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        method, path, _ = first.split(" ")
        request = Request(method, path, headers, body)
        self.server.requests.append(request)
        return request

    def _read(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionClosedError
        self.server.received += len(data)
        self.buffer += data

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def hold(self) -> None:
        """Wait without an answer until the test ends."""
        self.server.over.wait()

    def drip(self, data: bytes, seconds: float = 0.1) -> None:
        """Send one byte at a time, each within the client's read timeout."""
        for byte in data:
            self.send(bytes([byte]))
            if self.server.over.wait(seconds):
                return


Script = Callable[[Connection], None]


@dataclass
class ScriptedServer:
    """Listens on a free port of 127.0.0.1 while the `with` lasts."""

    scripts: tuple[Script, ...]
    requests: list[Request] = field(default_factory=list)
    received: int = 0
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._last: tuple[str, int] | None = None
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._accept_waiting()
        self.stop_listening()
        for connected in self._open:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept_waiting(self) -> None:
        """Accept every connection that a client opened before now, although it may have closed it."""
        with socket.socket() as last, suppress(OSError):
            last.bind(("127.0.0.1", 0))
            self._last = last.getsockname()
            last.connect(("127.0.0.1", self.port))
            self._threads[0].join()

    def stop_listening(self) -> None:
        """Refuse further connections; open ones continue."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        """Return the requests in order, as `POST /path`."""
        return [f"{request.method} {request.path}" for request in self.requests]

    def _accept(self) -> None:
        while True:
            try:
                connected, client = self._listener.accept()
            except OSError:
                return
            if client == self._last:
                connected.close()
                return
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            self._open.append(connected)
            thread = threading.Thread(target=self._serve, args=(Connection(connected, self), script))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: Connection, script: Script) -> None:
        with connection.socket, suppress(ConnectionClosedError, OSError):
            script(connection)


def response(
    status: int, body: bytes | str | dict | list = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """Return one whole answer; a body other than bytes is JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + content


def envelope(data: object = None, general: list | None = None, fields: dict | None = None) -> dict:
    """Return the vendor's envelope."""
    meta = {
        "attributes": {},
        "generalErrors": general or [],
        "fieldErrors": fields or {},
        "links": [],
        "nextPageUrl": None,
    }
    return {"meta": meta, "data": data}


def answering(*answers: bytes) -> Script:
    """Return a script that answers the requests of a connection in order, then closes it."""

    def script(connection: Connection) -> None:
        for answer in answers:
            connection.request()
            connection.send(answer)

    return script


def serving(handle: Callable[[Request], bytes]) -> Script:
    """Return a script that answers every request of a connection with the result of `handle`."""

    def script(connection: Connection) -> None:
        while True:
            connection.send(handle(connection.request()))

    return script


@contextmanager
def refusing_port() -> Iterator[int]:
    """Yield a port that is bound and has no listener, so that it refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
