"""Delayed requests: held until a release, or for a time, and a wait for a number of held requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Delays:
    """The delays of all requests; closing ends each of them immediately, so a sandbox can always stop."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._releases = 0
        self._closed = False
        self.held = 0

    async def hold(self) -> bool:
        """Wait for the next release; return False if the sandbox stops instead."""
        release = self._releases
        self.held += 1
        await self._wait(lambda: self._releases > release)
        return not self._closed

    async def pause(self, milliseconds: int) -> bool:
        """Wait for that time; return False if the sandbox stops instead."""
        if milliseconds:
            await self._wait_at_most(milliseconds / 1000, lambda: False)
        return not self._closed

    async def release(self) -> int:
        """Continue every held request, and return their number."""
        count, self.held = self.held, 0
        self._releases += 1
        await self._notify()
        return count

    async def wait_held(self, count: int, seconds: int) -> bool:
        """Wait until at least `count` requests are held; return False after `seconds`."""
        await self._wait_at_most(seconds, lambda: self.held >= count)
        return self.held >= count

    async def close(self) -> None:
        """End every delay, present and future."""
        self._closed = True
        await self._notify()

    async def _wait_at_most(self, seconds: float, condition: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wait(condition)
        except TimeoutError:
            return

    async def _wait(self, condition: Callable[[], bool]) -> None:
        async with self._changed:
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._closed or condition())

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
