"""Responses: answers in the envelope of every REST call, and connections that end without one."""

from __future__ import annotations

import struct
from email.utils import formatdate
from socket import SO_LINGER, SOL_SOCKET
from typing import TYPE_CHECKING, Any, Final

import orjson
from msgspec import Struct, field
from starlette.responses import Response

from sendspec.sandbox.error_messages import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from sendspec.sandbox.error_messages import Refused
    from sendspec.sandbox.vendor_unknowns import Behaviour

_LINGER_ZERO: Final = struct.pack("ii", 1, 0)


class Answer(Struct, frozen=True):
    """The decided answer to a request.

    `document` is a JSON value, None for an empty body, or bytes for a body that is not JSON. `id` is
    the id of an accepted send.
    """

    status: int
    document: Any = None
    id: int | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return the HTTP response, with the time, which RFC 9110 requires of a server with a clock."""
        headers = {"Date": formatdate(usegmt=True), **self.headers}
        if self.document is None or isinstance(self.document, bytes):
            return Response(self.document, self.status, headers)
        body = orjson.dumps(self.document)
        return Response(body, self.status, headers, media_type="application/json")


class DroppedConnection(Response):
    """The end of a connection without an answer: an orderly end, or a TCP reset with `reset`."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's form
        """Abort the transport in the scope, and wait until it is closed."""
        transport = scope["state"]["transport"]
        if self._reset:
            transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _LINGER_ZERO)
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def success(
    status: int, data: Any, *, identifier: int | str | None = None, next_page: str | None = None
) -> Answer:
    """Return an answer with `data` in the envelope."""
    return Answer(status, envelope(data, next_page=next_page), identifier)


def refusal(refused: Refused, behaviour: Behaviour) -> Answer:
    """Return a refusal in the envelope, in the place that the vendor documents or the behaviour sets."""
    error = refused.error
    if error is Refusal.NOT_JSON.value:
        return failure(error.status, behaviour.not_json_text)
    if error.field and (error.always_in_field or behaviour.errors_in == "fieldErrors"):
        return Answer(error.status, envelope(fields={error.field: refused.message}))
    return failure(error.status, refused.message)


def failure(status: int, *messages: str) -> Answer:
    """Return an answer without data and with `messages` as general errors."""
    return Answer(status, envelope(general=messages))


def envelope(
    data: Any = None,
    *,
    general: tuple[str, ...] = (),
    fields: Mapping[str, str] | None = None,
    next_page: str | None = None,
) -> dict[str, Any]:
    """Return the envelope of every REST answer around `data` or errors."""
    meta = {
        "attributes": {},
        "generalErrors": list(general),
        "fieldErrors": dict(fields or {}),
        "links": [],
        "nextPageUrl": next_page,
    }
    return {"meta": meta, "data": data}
