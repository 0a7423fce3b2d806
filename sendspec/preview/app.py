"""ASGI application of a preview: one page, and a stream of its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.routing import Route

from sendspec.loopback_server import HOST_NAMES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from sendspec.preview.versions import Versions

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers that keep the page from pages of other sites, and from every cache."""


def build_app(versions: Versions, changes_path: str) -> Starlette:
    """Return the application that serves the last version of a page at `/`.

    It answers only requests to a host name of the loopback. Otherwise a web page could read the plan through
    a host name of its own that resolves to the loopback. No answer allows another origin to read it.
    """
    policy = f"{versions.policy}; frame-ancestors 'none'"

    async def page(_request: Request) -> Response:
        return HTMLResponse(versions.page, headers={**_HEADERS, "Content-Security-Policy": policy})

    async def changes(_request: Request) -> Response:
        return StreamingResponse(_events(versions), media_type="text/event-stream", headers=_HEADERS)

    app = Starlette(
        routes=[Route("/", page), Route(changes_path, changes)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(HOST_NAMES))],
    )
    app.router.redirect_slashes = False
    return app


async def _events(versions: Versions) -> AsyncIterator[str]:
    """Yield the present version as a server-sent event, and each later one, until the server stops."""
    async for version in versions.follow():
        yield f"data: {version}\n\n"
