"""The limit of requests under way at once: over all REST calls of the organisation, tokens apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.sandbox import responses

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sendspec.sandbox.behaviour import Behaviour


class ConcurrencyLimit:
    """Counts the requests under way and refuses the one over the limit; nothing is queued.

    `most` counts arrivals, the refused ones too: a client that keeps to the limit never makes it
    exceed the limit. A request leaves just before the last byte of its answer does, so that a
    client that waits for its answer can never be refused for it.
    """

    def __init__(self, app: ASGIApp, behaviour: Callable[[], Behaviour]) -> None:
        self._app = app
        self._switches = behaviour
        self.may_be_in_progress = 0
        self.most = 0
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or refuse it."""
        behaviour = self._switches()
        self.most = max(self.most, self.may_be_in_progress + 1)
        if self.may_be_in_progress >= behaviour.concurrency:
            self.refused += 1
            refusal = responses.failure(behaviour.busy_status, behaviour.busy_text)
            await refusal.response()(scope, receive, send)
            return
        await self._admit(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = True
        self.may_be_in_progress += 1

        def leave() -> None:
            nonlocal inside
            self.may_be_in_progress -= inside
            inside = False

        async def send_and_leave(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                leave()
            await send(message)

        try:
            await self._app(scope, receive, send_and_leave)
        finally:
            leave()
