"""HTTP server of the sandbox on loopback, for a `with` block or until a signal ends it."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

from sendspec.errors import Usage
from sendspec.loopback_server import HOST_NAMES, LOOPBACK, Application, LoopbackServer, listen, until_signal
from sendspec.sandbox.app import build_app
from sendspec.sandbox.catalog import NamedIds
from sendspec.sandbox.request_handler import Service
from sendspec.sandbox.request_store import Store
from sendspec.sandbox.vendor_unknowns import Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

_NAME: Final = "the sandbox"


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
        if host not in HOST_NAMES:
            raise Usage(
                f"the sandbox listens on {LOOPBACK} only, not on {host!r}",
                hint=f"use {LOOPBACK}, because the sandbox has no login and may store phone numbers",
            )
        self._directory = directory
        self._behaviour = behaviour or Behaviour()
        self._port = port
        self._clock = clock
        self._named = named

    @property
    def base_url(self) -> str:
        """The URL without a path: `http://127.0.0.1:<port>`."""
        return self._url

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            listener = stack.enter_context(closing(listen(_NAME, self._port)))
            self._store = stack.enter_context(closing(Store(self._directory)))
            server = stack.enter_context(LoopbackServer(_NAME, listener, self._application))
            self._url = server.base_url
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _application(self) -> Application:
        service = Service(self._store, self._behaviour, self._clock, self._named)
        return Application(build_app(service), service.delays.close)


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
    with (
        until_signal() as stop,
        SandboxServer(directory, behaviour, host=host, port=port, named=named) as server,
    ):
        on_ready(server.base_url)
        stop.wait()
