"""The limit of requests under way at once: over all REST calls of the organisation, tokens apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.sandbox import answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sendspec.sandbox.switches import Switches


class Gate:
    """Counts the requests under way and refuses the one over the limit; nothing is queued.

    `most` counts arrivals, the refused ones too: a client that keeps to the limit never makes it
    exceed the limit. A request leaves just before the last byte of its answer does, so that a
    client that waits for its answer can never be refused for it.
    """

    def __init__(self, app: ASGIApp, switches: Callable[[], Switches]) -> None:
        self._app = app
        self._switches = switches
        self.under_way = 0
        self.most = 0
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or refuse it."""
        switches = self._switches()
        self.most = max(self.most, self.under_way + 1)
        if self.under_way >= switches.concurrency:
            self.refused += 1
            refusal = answers.failure(switches.busy_status, switches.busy_text)
            await refusal.response()(scope, receive, send)
            return
        await self._admit(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = True
        self.under_way += 1

        def leave() -> None:
            nonlocal inside
            self.under_way -= inside
            inside = False

        async def send_and_leave(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                leave()
            await send(message)

        try:
            await self._app(scope, receive, send_and_leave)
        finally:
            leave()
