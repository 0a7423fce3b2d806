"""The routes: the API below `/rest`, the token beside it, the sandbox's own calls below `/sandbox`."""

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
from sendspec.sandbox.concurrency import ConcurrencyLimit
from sendspec.sandbox.control_api import Control
from sendspec.sandbox.error_messages import Refusal
from sendspec.sandbox.operations import Call

if TYPE_CHECKING:
    from starlette.requests import Request

    from sendspec.sandbox.service import Decide, Service

_NOT_FOUND = 404


def build_app(service: Service) -> Starlette:
    """Give the ASGI application that serves `service`.

    Only requests to a name of the loopback are answered, so that no page in a browser can reach the
    contacts in here through a name of its own.
    """
    gate = ConcurrencyLimit(Router(_rest(service), redirect_slashes=False), lambda: service.behaviour)
    app = Starlette(
        routes=[
            _route(service, "POST", "/oauth/token", Call.TOKEN, service.token),
            Mount("/rest", app=gate),
            Mount("/sandbox", app=Router(Control(service, gate).routes(), redirect_slashes=False)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        exception_handlers={HTTPException: _http_error, ClientDisconnect: _gone, OSError: _out_of_order},
    )
    app.router.redirect_slashes = False
    return app


def _rest(service: Service) -> list[Route]:
    """Give the calls of the API, relative to `/rest`."""
    route = partial(_route, service)
    contacts, consent = service.batch(Endpoint.CONTACTS), service.batch(Endpoint.EXTERNAL_CONSENT)
    messages = "/channels/sms/publishedmessages"
    return [
        route("POST", f"{messages}/{{message}}/sendjobs", Call.CONTACT_SOURCE, service.job),
        route("POST", "/channels/sms/sends", Call.CONTACTS, contacts),
        route("POST", "/channels/sms/externalconsentsends", Call.EXTERNAL_CONSENT, consent),
        route("GET", "/channels/sms/sends/{transaction}/status", Call.STATUS, service.status),
        route("GET", "/channels/sms/programs", Call.PROGRAMS, service.programs),
        route(
            "GET",
            "/channels/{channel}/publishedmessages",
            Call.PUBLISHED_MESSAGES,
            service.published_messages,
        ),
    ]


def _route(service: Service, method: str, path: str, call: Call, decide: Decide) -> Route:
    async def endpoint(request: Request) -> Response:
        return await service.call(call, request, decide)

    return Route(path, endpoint, methods=[method], name=call.value)


async def _http_error(_request: Request, error: Exception) -> Response:
    """Answer what has no route: an empty 404, as documented for a path without an id."""
    status = error.status_code if isinstance(error, HTTPException) else _NOT_FOUND
    if status == _NOT_FOUND:
        return Response(status_code=_NOT_FOUND)
    return responses.failure(status, Refusal.FAILURE.value.message).response()


async def _gone(_request: Request, _error: Exception) -> Response:
    """Answer nobody: the client left before its request was whole."""
    return Response(status_code=400)


async def _out_of_order(_request: Request, error: Exception) -> Response:
    """Answer 500 where what was received cannot be written: it is not accepted then."""
    return responses.failure(500, f"The sandbox cannot keep what it receives: {error}").response()
