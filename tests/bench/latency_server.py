"""Server of the API's answers with a fixed latency: `python -m tests.bench.latency_server SECONDS`.

It has a thread per connection and never parses a body, so that it costs little CPU time beside the
clients. The first line of its output is its port. `GET /bench/reset` starts a measurement, and
`GET /bench/result` returns its requests and the seconds from the first of them to the last answer.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Final

_HEAD_END: Final = b"\r\n\r\n"
_TOKEN: Final = b'{"access_token":"benchmark","token_type":"bearer","expires_in":14400}'
_BUFFER_BYTES: Final = 1 << 18


@dataclass
class Measurement:
    """The requests of one measurement; the times are those of `time.perf_counter`."""

    requests: int = 0
    first: float = 0.0
    last: float = 0.0
    open: int = 0
    most_open: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def on_request(self) -> None:
        """Count a request whose head arrived."""
        now = time.perf_counter()
        with self.lock:
            self.first = self.first or now
            self.open += 1
            self.most_open = max(self.most_open, self.open)

    def on_answer(self) -> None:
        """Count a request that was answered."""
        now = time.perf_counter()
        with self.lock:
            self.requests += 1
            self.last = now
            self.open -= 1

    def result(self) -> bytes:
        """Return the counts and the elapsed seconds as JSON."""
        seconds = self.last - self.first
        return json.dumps(
            {"requests": self.requests, "seconds": seconds, "mostOpen": self.most_open}
        ).encode()


class LatencyServer:
    """Answers each POST below `/rest` with 202 and a transaction id, `latency` s after its last byte."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._measurement = Measurement()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        """Accept connections until the process ends."""
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        data, buffer = bytearray(), memoryview(bytearray(_BUFFER_BYTES))
        with connection, suppress(ConnectionError):
            while _receive_until_head(connection, data, buffer):
                head, _, rest = bytes(data).partition(_HEAD_END)
                line, *lines = head.split(b"\r\n")
                path = line.split(b" ")[1]
                headers = {
                    name.lower(): value.strip() for name, _, value in (each.partition(b":") for each in lines)
                }
                if path.startswith(b"/rest/"):
                    self._measurement.on_request()
                missing = int(headers.get(b"content-length", b"0")) - len(rest)
                if headers.get(b"expect") and missing:
                    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                while missing > 0:
                    read = connection.recv_into(buffer, min(missing, _BUFFER_BYTES))
                    if not read:
                        return
                    missing -= read
                data.clear()
                self._answer(connection, path)

    def _answer(self, connection: socket.socket, path: bytes) -> None:
        if path.startswith(b"/rest/"):
            time.sleep(self._latency)
            body = b'{"meta":{"generalErrors":[],"fieldErrors":{}},"data":{"id":"%s"}}' % _new_id()
            # Count first: the client may end the measurement when it has the answer.
            self._measurement.on_answer()
            _send(connection, b"202 Accepted", body)
        elif path == b"/oauth/token":
            _send(connection, b"200 OK", _TOKEN)
        elif path == b"/bench/reset":
            self._measurement = Measurement()
            _send(connection, b"200 OK", b"{}")
        else:
            _send(connection, b"200 OK", self._measurement.result())


def _receive_until_head(connection: socket.socket, data: bytearray, buffer: memoryview) -> bool:
    """Receive until `data` has a whole head; return False if the client closed the connection."""
    while _HEAD_END not in data:
        read = connection.recv_into(buffer)
        if not read:
            return False
        data += buffer[:read]
    return True


def _send(connection: socket.socket, status: bytes, body: bytes) -> None:
    connection.sendall(
        b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (status, len(body), body)
    )


def _new_id() -> bytes:
    return str(uuid.uuid4()).encode()


def ask(port: int, path: str) -> dict[str, float]:
    """Return the answer of the server to a GET."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer: dict[str, float] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer


def main() -> None:
    """Serve until the process is terminated."""
    server = LatencyServer(float(sys.argv[1]))
    print(server.port, flush=True)
    server.serve()


if __name__ == "__main__":
    main()
