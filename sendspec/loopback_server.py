"""An HTTP server on loopback in a thread of its own, for the sandbox and the preview."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from types import TracebackType

LOOPBACK: Final = "127.0.0.1"
HOST_NAMES: Final = (LOOPBACK, "localhost")
"""The host names of requests that a server answers; another one is that of a web page elsewhere."""

_BACKLOG: Final = 128
_KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients keep an idle connection, so that the server never closes one in use."""

_GRACE_SECONDS: Final = 2.0
"""The time that requests in progress have to end when the server stops."""


class Application(NamedTuple):
    """An ASGI application, and how it ends its waiting requests before the server stops."""

    app: Any
    close: Callable[[], Awaitable[None]]


class _Connection(H11Protocol):
    """One connection, whose transport is in the state of the scope, so that a fault can drop it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        super().connection_made(transport)
        self.app_state = {"transport": transport}
        self.ended: asyncio.Future[None] = self.loop.create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.ended.set_result(None)


class LoopbackServer:
    """A server on a listening socket while its `with` block runs; it closes the socket.

    `build` returns the application, and is called in the thread of the server. `name` is that of the
    server in messages, such as `the sandbox`. `base_url` is the URL without a path.

    Raises:
        SendspecError: the server cannot start.
    """

    def __init__(self, name: str, listener: socket.socket, build: Callable[[], Application]) -> None:
        self._name = name
        self._socket = listener
        self.base_url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        self._build = build
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="sendspec-server", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise SendspecError(f"{self._name} could not start", hint="report this error") from self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(RuntimeError):  # The loop may have ended after a failure.
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001 - the thread that started this one raises it
            self._failure = failure
        finally:
            self._socket.close()
            self._ready.set()

    async def _serve(self) -> None:
        """Serve with uvicorn's HTTP protocol until the stop event, then end within the grace period."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        application = self._build()
        config, state = _config(application.app), ServerState()
        server = await self._loop.create_server(
            lambda: _Connection(config, state, {}), sock=self._socket, backlog=_BACKLOG
        )
        self._ready.set()
        await self._stop.wait()
        server.close()
        await application.close()
        await _drain(state)


@contextmanager
def until_signal() -> Iterator[threading.Event]:
    """Yield an event that SIGINT and SIGTERM set; only the main thread may call this."""
    stop = threading.Event()
    previous = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def listen(name: str, port: int) -> socket.socket:
    """Return a listening socket, so that no connection is refused from now on.

    Raises:
        SendspecError: the port is in use.
    """
    # asyncio disables Nagle's delay (40 ms per answer) only for a socket that names its protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SendspecError(
            f"{name} cannot listen on {LOOPBACK}:{port}: {reason}",
            hint="choose another port, or 0 for a free one",
        ) from error
    return listener


def _config(app: Any) -> Config:
    """Return a configuration of uvicorn that logs errors only and adds no header to an answer."""
    return Config(
        app,
        http=_Connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        log_level="error",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )


async def _drain(state: ServerState) -> None:
    """Close idle connections, wait for requests in progress, and abort the rest after the grace period."""
    connections = [item for item in state.connections if isinstance(item, _Connection)]
    for connection in connections:
        connection.shutdown()
    waiting = {*(connection.ended for connection in connections), *state.tasks}
    for timeout in (_GRACE_SECONDS, None):
        if waiting:
            _, waiting = await asyncio.wait(waiting, timeout=timeout)
        for connection in connections:
            connection.transport.abort()
