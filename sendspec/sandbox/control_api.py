"""The sandbox's own calls, below `/sandbox`: what it received, its faults, its switches. Plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from sendspec.sandbox.concurrency import ConcurrencyLimit
    from sendspec.sandbox.service import Service


class Control:
    """The calls that look into one sandbox and arm faults in it."""

    def __init__(self, service: Service, gate: ConcurrencyLimit) -> None:
        self._service = service
        self._gate = gate

    def routes(self) -> list[Route]:
        """Give the routes, relative to `/sandbox`."""
        return [
            Route("/requests", self.requests, methods=["GET"]),
            Route("/stats", self.stats, methods=["GET"]),
            Route("/faults", self.faults, methods=["GET"]),
            Route("/faults", self.arm, methods=["POST"]),
            Route("/faults", self.disarm, methods=["DELETE"]),
            Route("/held", self.held, methods=["GET"]),
            Route("/release", self.release, methods=["POST"]),
            Route("/switches", self.behaviour, methods=["GET"]),
            Route("/switches", self.switch, methods=["PATCH"]),
        ]

    async def requests(self, _request: Request) -> Response:
        """List every request to a sending endpoint, in the order in which they were decided."""
        return StreamingResponse(self._listed(), media_type="application/json")

    async def stats(self, _request: Request) -> Response:
        """Count what happened since this sandbox started."""
        service, gate = self._service, self._gate
        return _json(
            {
                "underWay": gate.may_be_in_progress,
                "held": service.waits.held,
                "maxConcurrent": gate.most,
                "refusedBusy": gate.refused,
                "tokenRequests": service.tokens.requests,
                "received": dict(service.received),
                "accepted": dict(service.accepted),
            }
        )

    async def faults(self, _request: Request) -> Response:
        """Show what is armed."""
        return _json(self._service.faults.shown())

    async def arm(self, request: Request) -> Response:
        """Arm one fault, or each of a list."""
        try:
            for settings in _objects(await request.body()):
                self._service.faults.arm(settings)
        except SendspecError as error:
            return _refused(error)
        return _json(self._service.faults.shown(), 201)

    async def disarm(self, _request: Request) -> Response:
        """Forget every armed fault."""
        self._service.faults.disarm()
        return Response(status_code=204)

    async def held(self, request: Request) -> Response:
        """Answer once at least `count` requests are held, or 408 after `seconds`."""
        try:
            count = int(request.query_params.get("count", "1"))
            seconds = int(request.query_params.get("seconds", "10"))
        except ValueError:
            return _refused(SendspecError("count and seconds are whole numbers"))
        reached = await self._service.waits.reached(count, seconds)
        return _json({"held": self._service.waits.held}, 200 if reached else 408)

    async def release(self, _request: Request) -> Response:
        """Let every held request go on."""
        return _json({"released": await self._service.waits.release()})

    async def behaviour(self, _request: Request) -> Response:
        """Show the switches."""
        return _json(self._service.behaviour.shown())

    async def switch(self, request: Request) -> Response:
        """Set some switches anew, from now on."""
        try:
            for settings in _objects(await request.body()):
                self._service.behaviour = self._service.behaviour.changed(settings)
        except SendspecError as error:
            return _refused(error)
        return _json(self._service.behaviour.shown())

    async def _listed(self) -> AsyncIterator[bytes]:
        """Give a JSON list line by line: the lines as they stand on disk are its items."""
        before = b"["
        for line in self._service.store.lines():
            yield before + line
            before = b",\n"
        yield b"]" if before == b",\n" else b"[]"


def _objects(raw: bytes) -> list[dict[str, Any]]:
    """Read one JSON object, or a list of them."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise SendspecError("the body is not JSON") from None
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise SendspecError("the body is neither an object nor a list of objects")
    return items


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def _refused(error: SendspecError) -> Response:
    return _json({"error": str(error), "hint": error.hint}, 400)
