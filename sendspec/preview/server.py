"""The server of a preview, for a `with` block: it watches directories and serves the last page."""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Final, Self

from sendspec.loopback_server import Application, LoopbackServer, listen
from sendspec.preview.app import build_app
from sendspec.preview.changes import snapshot
from sendspec.preview.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from sendspec.preview.changes import Snapshot

_NAME: Final = "the preview"
_POLL_SECONDS: Final = 0.4
_SETTLE_SECONDS: Final = 0.05
"""The pause after which files must be the same, because an editor may write several ones."""


class PreviewServer:
    """A preview of directories that serves while its `with` block runs.

    `build` returns the page for the name of a version, and never raises. `policy` is the content security
    policy of the page, `changes_path` the path at which its script waits for another version. `port` 0 takes
    a free port.

    Raises:
        SendspecError: the port is in use.
    """

    def __init__(
        self,
        directories: Sequence[Path],
        build: Callable[[str], str],
        policy: str,
        changes_path: str,
        *,
        port: int = 0,
    ) -> None:
        self._directories = directories
        self._versions = Versions(build, policy)
        self._changes_path = changes_path
        self._port = port
        self._stop = threading.Event()

    @property
    def base_url(self) -> str:
        """The URL without a path: `http://127.0.0.1:<port>`."""
        return self._url

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            listener = stack.enter_context(closing(listen(_NAME, self._port)))
            seen = snapshot(self._directories)
            self._versions.make()
            server = stack.enter_context(LoopbackServer(_NAME, listener, self._application))
            self._url = server.base_url
            watcher = threading.Thread(target=self._watch, args=(seen,), name="sendspec-preview", daemon=True)
            watcher.start()
            stack.callback(self._stop.set)
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
        self._versions.attach()
        return Application(build_app(self._versions, self._changes_path), self._versions.end)

    def _watch(self, seen: Snapshot) -> None:
        """Make another page whenever the files differ from those of the last one."""
        while not self._stop.wait(_POLL_SECONDS):
            now = snapshot(self._directories)
            if now == seen:
                continue
            while not self._stop.wait(_SETTLE_SECONDS) and (later := snapshot(self._directories)) != now:
                now = later
            seen = now
            self._versions.make()
