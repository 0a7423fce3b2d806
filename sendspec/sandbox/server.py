"""HTTP server of the sandbox on loopback, for a `with` block or until a signal ends it."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from sendspec.errors import SendspecError, Usage
from sendspec.sandbox.app import build_app
from sendspec.sandbox.catalog import NamedIds
from sendspec.sandbox.request_handler import Service
from sendspec.sandbox.request_store import Store
from sendspec.sandbox.vendor_unknowns import Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

LOOPBACK: Final = "127.0.0.1"
_HOSTS: Final = (LOOPBACK, "localhost")

_BACKLOG: Final = 128
_KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients keep an idle connection, so that the server never closes one in use."""

_GRACE_SECONDS: Final = 2.0
"""The time that requests in progress have to end when the sandbox stops."""


class _Connection(H11Protocol):
    """One connection, whose transport is in the state of the scope, so that a fault can drop it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        super().connection_made(transport)
        self.app_state = {"transport": transport}
        self.ended: asyncio.Future[None] = self.loop.create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.ended.set_result(None)


def _now() -> datetime:
    return datetime.now(UTC)


class SandboxServer:
    """A sandbox that serves in a thread of its own while its `with` block runs.

    `directory` stores the received requests; with None they end with the sandbox. `port` 0 takes a
    free port. `clock` returns the aware time for the expiry of tokens. `named` returns the ids that the
    lists contain beside the samples.

    Raises:
        Usage: the host is not the loopback.
        Locked: another sandbox uses the directory.
        SendspecError: the port is in use, or the directory is not usable.
    """

    def __init__(  # noqa: PLR0913 - one argument for each setting
        self,
        directory: Path | None = None,
        behaviour: Behaviour | None = None,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        clock: Callable[[], datetime] = _now,
        named: Callable[[], NamedIds] = NamedIds,
    ) -> None:
        if host not in _HOSTS:
            raise Usage(
                f"the sandbox listens on {LOOPBACK} only, not on {host!r}",
                hint=f"use {LOOPBACK}, because the sandbox has no login and may store phone numbers",
            )
        self._directory = directory
        self._behaviour = behaviour or Behaviour()
        self._port = port
        self._clock = clock
        self._named = named
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    @property
    def base_url(self) -> str:
        """The URL without a path: `http://127.0.0.1:<port>`."""
        return f"http://{LOOPBACK}:{self._port}"

    def __enter__(self) -> Self:
        self._socket = _listen(self._port)
        self._port = self._socket.getsockname()[1]
        try:
            self._store = Store(self._directory)
        except BaseException:
            self._socket.close()
            raise
        self._thread = threading.Thread(target=self._run, name="sendspec-sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise SendspecError("the sandbox could not start", hint="report this error") from self._failure
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
            self._store.close()
            self._ready.set()

    async def _serve(self) -> None:
        """Serve with uvicorn's HTTP protocol until the stop event, then end within the grace period."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        service = Service(self._store, self._behaviour, self._clock, self._named)
        config, state = _config(build_app(service)), ServerState()
        server = await self._loop.create_server(
            lambda: _Connection(config, state, {}), sock=self._socket, backlog=_BACKLOG
        )
        self._ready.set()
        await self._stop.wait()
        server.close()
        await service.delays.close()
        await _drain(state)


def serve(  # noqa: PLR0913 - one argument for each setting
    host: str = LOOPBACK,
    port: int = 0,
    directory: Path | None = None,
    behaviour: Behaviour | None = None,
    *,
    on_ready: Callable[[str], None] = lambda _base_url: None,
    named: Callable[[], NamedIds] = NamedIds,
) -> None:
    """Serve until SIGINT or SIGTERM, in the main thread; call `on_ready` with the base URL.

    Raises:
        SendspecError: as for SandboxServer.
    """
    stop = threading.Event()
    previous = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with SandboxServer(directory, behaviour, host=host, port=port, named=named) as server:
            on_ready(server.base_url)
            stop.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _listen(port: int) -> socket.socket:
    """Return a listening socket, so that no connection is refused from now on."""
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
            f"the sandbox cannot listen on {LOOPBACK}:{port}: {reason}",
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
