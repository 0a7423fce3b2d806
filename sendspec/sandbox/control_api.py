"""Control API of the sandbox, below `/sandbox`: received requests, faults, behaviour. Plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from sendspec.sandbox.concurrency_limit import ConcurrencyLimit
    from sendspec.sandbox.request_handler import Service

_JSON_EXPECTED: Final = "send a JSON object, or a list of objects"


class ControlApi:
    """The calls that inspect one sandbox and change its faults and its behaviour."""

    def __init__(self, service: Service, limit: ConcurrencyLimit) -> None:
        self._service = service
        self._limit = limit

    def routes(self) -> list[Route]:
        """Return the routes, relative to `/sandbox`."""
        return [
            Route("/requests", self.list_requests, methods=["GET"]),
            Route("/stats", self.show_stats, methods=["GET"]),
            Route("/faults", self.list_faults, methods=["GET"]),
            Route("/faults", self.arm_faults, methods=["POST"]),
            Route("/faults", self.disarm_faults, methods=["DELETE"]),
            Route("/held", self.wait_held, methods=["GET"]),
            Route("/release", self.release, methods=["POST"]),
            Route("/behaviour", self.show_behaviour, methods=["GET"]),
            Route("/behaviour", self.change_behaviour, methods=["PATCH"]),
        ]

    async def list_requests(self, _request: Request) -> Response:
        """Return every request that sends, in the order of their decisions."""
        return StreamingResponse(self._stored_requests(), media_type="application/json")

    async def show_stats(self, _request: Request) -> Response:
        """Return the counts since this sandbox started."""
        service, limit = self._service, self._limit
        return _json(
            {
                "underWay": limit.in_progress,
                "held": service.delays.held,
                "maxConcurrent": limit.peak,
                "refusedBusy": limit.refused,
                "tokenRequests": service.tokens.requests,
                "received": dict(service.received),
                "accepted": dict(service.accepted),
            }
        )

    async def list_faults(self, _request: Request) -> Response:
        """Return the armed faults."""
        return _json(self._service.faults.to_json())

    async def arm_faults(self, request: Request) -> Response:
        """Arm one fault, or each fault of a list."""
        try:
            for settings in _objects(await request.body()):
                self._service.faults.arm(settings)
        except SendspecError as error:
            return _bad_request(error)
        return _json(self._service.faults.to_json(), 201)

    async def disarm_faults(self, _request: Request) -> Response:
        """Disarm every fault."""
        self._service.faults.disarm()
        return Response(status_code=204)

    async def wait_held(self, request: Request) -> Response:
        """Answer when at least `count` requests are held, with 408 after `seconds`."""
        try:
            count = int(request.query_params.get("count", "1"))
            seconds = int(request.query_params.get("seconds", "10"))
        except ValueError:
            return _bad_request(SendspecError("count and seconds must be whole numbers"))
        reached = await self._service.delays.wait_held(count, seconds)
        return _json({"held": self._service.delays.held}, 200 if reached else 408)

    async def release(self, _request: Request) -> Response:
        """Continue every held request."""
        return _json({"released": await self._service.delays.release()})

    async def show_behaviour(self, _request: Request) -> Response:
        """Return the behaviour settings."""
        return _json(self._service.behaviour.to_json())

    async def change_behaviour(self, request: Request) -> Response:
        """Change some behaviour settings, for requests from now on."""
        try:
            for settings in _objects(await request.body()):
                self._service.behaviour = self._service.behaviour.with_settings(settings)
        except SendspecError as error:
            return _bad_request(error)
        return _json(self._service.behaviour.to_json())

    async def _stored_requests(self) -> AsyncIterator[bytes]:
        """Yield a JSON list, whose items are the lines of the store."""
        separator = b"["
        for line in self._service.store.lines():
            yield separator + line
            separator = b",\n"
        yield b"]" if separator == b",\n" else b"[]"


def _objects(raw: bytes) -> list[dict[str, Any]]:
    """Return one JSON object or a list of them as a list."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise SendspecError("the body is not JSON", hint=_JSON_EXPECTED) from None
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise SendspecError("the body is neither an object nor a list of objects", hint=_JSON_EXPECTED)
    return items


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def _bad_request(error: SendspecError) -> Response:
    return _json({"error": str(error), "hint": error.hint}, 400)
