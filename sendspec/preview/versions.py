"""Versions of a page: one thread makes them, and the clients of a server wait for them."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class Versions:
    """The last version of a page.

    `build` returns the page with the name of its version in it. `policy` is its content security policy.
    """

    def __init__(self, build: Callable[[str], str], policy: str) -> None:
        self._build = build
        self._count = 0
        # A browser that stayed open must not take the first page of a later preview for the one it has.
        self._run = secrets.token_hex(4)
        self.policy = policy
        self.page = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = False

    @property
    def name(self) -> str:
        """The name of the last version."""
        return f"{self._run}-{self._count}"

    def make(self) -> None:
        """Make the next version, and announce it; only one thread calls this."""
        page = self._build(f"{self._run}-{self._count + 1}")
        self.page, self._count = page, self._count + 1
        if self._loop is not None and not self._ended:
            self._loop.call_soon_threadsafe(self._announce)

    def attach(self) -> None:
        """Use the running event loop for the clients that follow."""
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()

    async def follow(self) -> AsyncIterator[str]:
        """Yield the name of the present version, and of each later one, until the server stops."""
        while not self._ended:
            news = self._news
            yield self.name
            await news.wait()

    async def end(self) -> None:
        """End the streams of all clients."""
        self._ended = True
        self._announce()

    def _announce(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
