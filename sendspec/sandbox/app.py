"""ASGI application: the API below `/rest`, the token call beside it, the control API below `/sandbox`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from sendspec.model import Endpoint
from sendspec.sandbox import responses
from sendspec.sandbox.concurrency_limit import ConcurrencyLimit
from sendspec.sandbox.control_api import ControlApi
from sendspec.sandbox.error_messages import Refusal
from sendspec.sandbox.operations import Operation

if TYPE_CHECKING:
    from starlette.requests import Request

    from sendspec.sandbox.request_handler import Decide, Service

_NOT_FOUND = 404


def build_app(service: Service) -> Starlette:
    """Return the ASGI application that serves `service`.

    It answers only requests to a host name of the loopback. Otherwise a web page could read the stored
    contacts through a host name of its own that resolves to the loopback.
    """
    limit = ConcurrencyLimit(Router(_rest(service), redirect_slashes=False), lambda: service.behaviour)
    app = Starlette(
        routes=[
            _route(service, "POST", "/oauth/token", Operation.TOKEN, service.token),
            Mount("/rest", app=limit),
            Mount("/sandbox", app=Router(ControlApi(service, limit).routes(), redirect_slashes=False)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        exception_handlers={
            HTTPException: _http_error,
            ClientDisconnect: _disconnected,
            OSError: _storage_error,
        },
    )
    app.router.redirect_slashes = False
    return app


def _rest(service: Service) -> list[Route]:
    """Return the routes of the API, relative to `/rest`."""
    route = partial(_route, service)
    contacts, consent = service.batch(Endpoint.CONTACTS), service.batch(Endpoint.EXTERNAL_CONSENT)
    messages = "/channels/sms/publishedmessages"
    return [
        route("POST", f"{messages}/{{message}}/sendjobs", Operation.CONTACT_SOURCE, service.job),
        route("POST", "/channels/sms/sends", Operation.CONTACTS, contacts),
        route("POST", "/channels/sms/externalconsentsends", Operation.EXTERNAL_CONSENT, consent),
        route("GET", "/channels/sms/sends/{transaction}/status", Operation.STATUS, service.status),
        route("GET", "/channels/sms/programs", Operation.PROGRAMS, service.programs),
        route(
            "GET",
            "/channels/{channel}/publishedmessages",
            Operation.PUBLISHED_MESSAGES,
            service.published_messages,
        ),
    ]


def _route(service: Service, method: str, path: str, operation: Operation, decide: Decide) -> Route:
    async def endpoint(request: Request) -> Response:
        return await service.answer(operation, request, decide)

    return Route(path, endpoint, methods=[method], name=operation.value)


async def _http_error(_request: Request, error: Exception) -> Response:
    """Answer a request without a route: an empty 404, as documented for a path without an id."""
    status = error.status_code if isinstance(error, HTTPException) else _NOT_FOUND
    if status == _NOT_FOUND:
        return responses.Answer(_NOT_FOUND).response()
    return responses.failure(status, Refusal.FAILURE.value.message).response()


async def _disconnected(_request: Request, _error: Exception) -> Response:
    """Return a response that nothing sends, because the client disconnected within its request."""
    return Response(status_code=400)


async def _storage_error(_request: Request, error: Exception) -> Response:
    """Answer 500 if the store cannot write the request, which is then not accepted."""
    return responses.failure(500, f"The sandbox cannot store the request: {error}").response()
