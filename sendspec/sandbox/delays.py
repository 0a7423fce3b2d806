"""Requests that wait: held until released, delayed, or counted until enough of them are held."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Waits:
    """Where requests wait; closing ends every wait at once, so that a sandbox can always stop."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._releases = 0
        self._closed = False
        self.held = 0

    async def hold(self) -> bool:
        """Wait for the next release; False: the sandbox stops instead."""
        release = self._releases
        self.held += 1
        await self._until(lambda: self._releases > release)
        return not self._closed

    async def pause(self, milliseconds: int) -> bool:
        """Wait that long; False: the sandbox stops instead."""
        if milliseconds:
            await self._within(milliseconds / 1000, lambda: False)
        return not self._closed

    async def release(self) -> int:
        """Let every held request go on, and give how many there were."""
        count, self.held = self.held, 0
        self._releases += 1
        await self._notify()
        return count

    async def reached(self, count: int, seconds: int) -> bool:
        """Wait until at least `count` requests are held; False: they were not within `seconds`."""
        await self._within(seconds, lambda: self.held >= count)
        return self.held >= count

    async def close(self) -> None:
        """End every wait, now and from now on."""
        self._closed = True
        await self._notify()

    async def _within(self, seconds: float, reached: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._until(reached)
        except TimeoutError:
            return

    async def _until(self, reached: Callable[[], bool]) -> None:
        async with self._changed:
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._closed or reached())

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
