"""Limit of concurrent requests: one for all REST calls of the organisation, without the token call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.sandbox import responses

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sendspec.sandbox.vendor_unknowns import Behaviour


class ConcurrencyLimit:
    """An ASGI middleware that counts requests in progress and refuses those above the limit.

    `peak` includes refused requests, so a client that keeps to the limit never raises it above the
    limit. A request counts until just before the last byte of its answer. So a client that waits for
    each answer is never refused.
    """

    def __init__(self, app: ASGIApp, behaviour: Callable[[], Behaviour]) -> None:
        self._app = app
        self._behaviour = behaviour
        self.in_progress = 0
        self.peak = 0
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        behaviour = self._behaviour()
        self.peak = max(self.peak, self.in_progress + 1)
        if self.in_progress >= behaviour.concurrency:
            self.refused += 1
            refusal = responses.failure(behaviour.busy_status, behaviour.busy_text)
            await refusal.response()(scope, receive, send)
            return
        await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        counted = True
        self.in_progress += 1

        def finish() -> None:
            nonlocal counted
            self.in_progress -= counted
            counted = False

        async def send_and_finish(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                finish()
            await send(message)

        try:
            await self._app(scope, receive, send_and_finish)
        finally:
            finish()
