"""TCP proxy between a client and a sandbox that cuts or holds a message at one of its bytes.

It parses only as much of HTTP as the boundaries of messages require. Faults apply only to the messages
of a request that sends (`POST /rest/…`), not to the token call.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

Side = Literal["request", "answer"]
HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)\r$")


@dataclass(frozen=True)
class Fault:
    """A fault after `at(bytes of the head, bytes of the message)` bytes of a message.

    Both connections are closed or reset, or the message waits for `release`.
    """

    side: Side
    at: Callable[[int, int], int]
    kind: Literal["close", "reset", "hold"] = "close"


@dataclass
class _Link:
    """The connection of one client, and the connection to the server for it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    sends: bool = False

    def cut(self, *, reset: bool) -> None:
        for writer in (self.client, self.server):
            if reset:
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
            else:
                writer.close()


class Proxy:
    """Listens on a free port of 127.0.0.1, in a thread of its own, while its `with` block runs."""

    def __init__(self, base_url: str) -> None:
        self._upstream = urlsplit(base_url)
        self._faults: list[Fault] = []
        self._applied = threading.Semaphore(0)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def arm(self, fault: Fault, times: int = 1) -> None:
        """Arm a fault for the next `times` messages of its side."""
        self._faults += [fault] * times

    def disarm(self) -> int:
        """Disarm all faults, and return their number."""
        count = len(self._faults)
        self._faults.clear()
        return count

    def wait_applied(self) -> None:
        """Wait until one more fault has been applied."""
        assert self._applied.acquire(timeout=60)

    def release(self) -> None:
        """Continue every held message."""
        self._loop.call_soon_threadsafe(self._released.set)

    def __enter__(self) -> Self:
        self._listener = listener = _tcp()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(ready)))
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _main(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._over, self._released = asyncio.Event(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._connected, sock=self._listener)
        ready.set()
        await self._over.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        upstream = _tcp()
        upstream.setblocking(False)  # noqa: FBT003 - its only parameter
        await self._loop.sock_connect(upstream, (self._upstream.hostname, self._upstream.port))
        answers, server = await asyncio.open_connection(sock=upstream)
        link = _Link(writer, server)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forward(reader, server, "request", link))
                group.create_task(self._forward(answers, writer, "answer", link))
        finally:
            link.cut(reset=False)

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, side: Side, link: _Link
    ) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while await self._forward_message(reader, writer, side, link):
                pass
        with suppress(OSError, RuntimeError):
            writer.write_eof()

    async def _forward_message(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, side: Side, link: _Link
    ) -> bool:
        """Forward one message; return False if the connection ended."""
        chunk = await reader.readuntil(HEAD_END)
        length = _LENGTH.search(chunk)
        total = len(chunk) + (int(length.group(1)) if length else 0)
        if side == "request":
            link.sends = chunk.startswith(b"POST /rest/")
        fault = self._take(side) if link.sends else None
        limit = fault.at(len(chunk), total) if fault else total
        forwarded = 0
        while True:
            writer.write(chunk[: limit - forwarded])
            await writer.drain()
            if fault and forwarded + len(chunk) >= limit:
                if not await self._apply(fault, link):
                    return False
                writer.write(chunk[limit - forwarded :])
                fault, limit = None, total
            forwarded += len(chunk)
            if forwarded == total:
                return True
            chunk = await reader.read(min(65536, total - forwarded))
            if not chunk:
                return False

    def _take(self, side: Side) -> Fault | None:
        matching = next((fault for fault in self._faults if fault.side == side), None)
        if matching is not None:
            self._faults.remove(matching)
        return matching

    async def _apply(self, fault: Fault, link: _Link) -> bool:
        """Apply a fault; return whether the connection is still open."""
        if fault.kind == "hold":
            self._released.clear()
            self._applied.release()
            await self._released.wait()
            return True
        link.cut(reset=fault.kind == "reset")
        self._applied.release()
        return False


def _tcp() -> socket.socket:
    # asyncio disables Nagle's delay (40 ms per answer) only for a socket that names its protocol.
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
