"""One exchange through the real transport, for tests that bring a server."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from sendspec.acoustic.outcome import Failure
from sendspec.acoustic.transport import Limits, Transport
from sendspec.structs import replace
from tests.servers import response

if TYPE_CHECKING:
    from sendspec.acoustic.outcome import Answer, FailureKind

PATIENT = Limits()
HASTY = replace(PATIENT, connect=0.2, read=0.2, write=0.2, pool=0.2)
BRIEF = replace(PATIENT, total=1.0)
"""Long limits for single steps, and a short one for the whole exchange."""

BODY = b'{"content": "hello"}'
BIG = b"x" * (32 << 20)
OK = response(202, {"data": {"id": "t-1"}})


def post(transport: Transport, base_url: str, body: bytes = BODY, path: str = "/rest/x") -> Answer | Failure:
    return transport.send("POST", f"{base_url}{path}", {"Authorization": "Bearer t"}, body)


def exchange(base_url: str, limits: Limits = PATIENT, body: bytes = BODY) -> Answer | Failure:
    """Post once, through a transport of its own."""
    with closing(Transport(limits)) as transport:
        return post(transport, base_url, body)


def kind(result: Answer | Failure) -> FailureKind:
    assert isinstance(result, Failure), result
    return result.kind
