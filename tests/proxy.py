"""A TCP proxy between a client and a sandbox that cuts or holds a message at one of its bytes.

It reads just enough of HTTP to tell one message from the next; only the messages of a request that
sends something (`POST /rest/…`, not the token's) meet a fault.
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
    """What happens once `at(bytes of the head, bytes of the message)` bytes have gone by.

    The connection is cut on both sides, in order or by a reset, or everything waits for `release`.
    """

    side: Side
    at: Callable[[int, int], int]
    kind: Literal["close", "reset", "hold"] = "close"


@dataclass
class _Passage:
    """One client's connection and the one that was opened for it."""

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
        self._struck = threading.Semaphore(0)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def arm(self, fault: Fault, times: int = 1) -> None:
        """Let a fault strike the next messages of its side."""
        self._faults += [fault] * times

    def disarm(self) -> int:
        """Forget what is armed; give how many faults those were."""
        count = len(self._faults)
        self._faults.clear()
        return count

    def wait_struck(self) -> None:
        """Wait until a fault has struck that was not waited for before."""
        assert self._struck.acquire(timeout=60)

    def release(self) -> None:
        """Let everything that is held go on."""
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
        passage = _Passage(writer, server)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(reader, server, "request", passage))
                group.create_task(self._pass_on(answers, writer, "answer", passage))
        finally:
            passage.cut(reset=False)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, side: Side, passage: _Passage
    ) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while await self._message(reader, writer, side, passage):
                pass
        with suppress(OSError, RuntimeError):
            writer.write_eof()

    async def _message(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, side: Side, passage: _Passage
    ) -> bool:
        """Pass one message on; False where the connection was cut."""
        chunk = await reader.readuntil(HEAD_END)
        length = _LENGTH.search(chunk)
        total = len(chunk) + (int(length.group(1)) if length else 0)
        if side == "request":
            passage.sends = chunk.startswith(b"POST /rest/")
        fault = self._take(side) if passage.sends else None
        limit = fault.at(len(chunk), total) if fault else total
        passed = 0
        while True:
            writer.write(chunk[: limit - passed])
            await writer.drain()
            if fault and passed + len(chunk) >= limit:
                if not await self._strike(fault, passage):
                    return False
                writer.write(chunk[limit - passed :])
                fault, limit = None, total
            passed += len(chunk)
            if passed == total:
                return True
            chunk = await reader.read(min(65536, total - passed))
            if not chunk:
                return False

    def _take(self, side: Side) -> Fault | None:
        found = next((fault for fault in self._faults if fault.side == side), None)
        if found is not None:
            self._faults.remove(found)
        return found

    async def _strike(self, fault: Fault, passage: _Passage) -> bool:
        """Do what the fault is about; tell whether the connection is still there."""
        if fault.kind == "hold":
            self._released.clear()
            self._struck.release()
            await self._released.wait()
            return True
        passage.cut(reset=fault.kind == "reset")
        self._struck.release()
        return False


def _tcp() -> socket.socket:
    # With the protocol named: asyncio turns Nagle's delay (40 ms an answer) off only where it is.
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
