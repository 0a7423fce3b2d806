"""What the sandbox answers: the envelope of every REST call, and connections that just end."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import Response

from sendspec.sandbox.error_messages import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from sendspec.sandbox.behaviour import Behaviour
    from sendspec.sandbox.error_messages import Refused

_LINGER_NOT: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as decided: `document` is JSON, None (no body) or bytes (a body that is not JSON).

    `id` is set where a send was accepted.
    """

    status: int
    document: Any = None
    id: int | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Give the HTTP response."""
        headers = dict(self.headers)
        if self.document is None or isinstance(self.document, bytes):
            return Response(self.document, self.status, headers)
        body = orjson.dumps(self.document)
        return Response(body, self.status, headers, media_type="application/json")


class Dropped(Response):
    """No answer: the connection ends, orderly or (`reset`) with a TCP reset."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's form
        """Abort the transport that the server's protocol left in the scope, and see it gone."""
        transport = scope["state"]["transport"]
        if self._reset:
            transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _LINGER_NOT)
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def success(
    status: int, data: Any, *, identifier: int | str | None = None, next_page: str | None = None
) -> Answer:
    """Give an answer with `data` in the envelope."""
    return Answer(status, envelope(data, next_page=next_page), identifier)


def refusal(refused: Refused, behaviour: Behaviour) -> Answer:
    """Give a refusal in the envelope: where in it is a switch, but for what the vendor documents."""
    row = refused.row
    if row is Refusal.NOT_JSON.value:
        return failure(row.status, behaviour.not_json_text)
    if row.field and (row.in_field or behaviour.errors_in == "fieldErrors"):
        return Answer(row.status, envelope(fields={row.field: refused.message}))
    return failure(row.status, refused.message)


def failure(status: int, *messages: str) -> Answer:
    """Give an answer without data and with `messages` as general errors."""
    return Answer(status, envelope(general=messages))


def envelope(
    data: Any = None,
    *,
    general: tuple[str, ...] = (),
    fields: Mapping[str, str] | None = None,
    next_page: str | None = None,
) -> dict[str, Any]:
    """Put `data` or errors into the envelope of every REST answer."""
    meta = {
        "attributes": {},
        "generalErrors": list(general),
        "fieldErrors": dict(fields or {}),
        "links": [],
        "nextPageUrl": next_page,
    }
    return {"meta": meta, "data": data}
