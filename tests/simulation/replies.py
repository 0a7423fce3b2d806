"""Replies of the vendor, or of a proxy before it, to one attempt, and whether the vendor accepted.

Most ambiguous replies are here twice: once with the request accepted, once without.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from sendspec.acoustic.answer_context import PostedBody
from sendspec.acoustic.outcome import Answer, Failure, FailureKind, judge
from sendspec.errors import CredentialsError
from sendspec.model import Endpoint, Outcome, OutcomeReason, Verdict
from sendspec.structs import replace
from tests.servers import envelope

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendspec.model import RequestKey

BUSY: Final = "Max number of concurrent authenticated requests (10) reached"
TAKEN: Final = "A SMS with the name: spring-sale already exists"
OTHER_NAME: Final = "A SMS with the name: autumn-sale already exists"
BODY: Final = PostedBody(b'{"messageName":"spring-sale"}')
EXPIRED: Final = "The access token has expired. Token provided was: abc"
JOB_ID: Final = 4396816
TRANSACTION_ID: Final = "7c2b-19adfe8c1c2-0123456789abcdef0123456789abcdef"

Response = Answer | Failure | BaseException


@dataclass(frozen=True, slots=True)
class Reply:
    """One possible end of an attempt.

    `accepted` says whether the vendor accepts the request if its name is free, `definite` whether the
    reply shows that. A `lasting` reply answers every attempt of a run, any other reply only one.
    """

    name: str
    response: Callable[[Endpoint], Response]
    accepted: bool = False
    definite: bool = True
    lasting: bool = False
    takes_name: bool = False


def _answer(status: int, body: Any, kind: str = "application/json") -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {"content-type": kind}, content)


def _html(status: int, text: str = "<html>Sorry</html>") -> Answer:
    return _answer(status, text.encode(), "text/html")


def _refusal(status: int, *general: str, **fields: str) -> Answer:
    return _answer(status, envelope(None, list(general), fields))


def _accepted(endpoint: Endpoint) -> int:
    return endpoint.traits.accepted_status


def _id(endpoint: Endpoint) -> Any:
    return JOB_ID if endpoint is Endpoint.CONTACT_SOURCE else TRANSACTION_ID


def _success(endpoint: Endpoint) -> Answer:
    return _answer(
        _accepted(endpoint),
        envelope({"setup": "http://elsewhere.example/x", "id": _id(endpoint)}),
    )


def _both(
    name: str, response: Callable[[Endpoint], Response], *, lasting: bool = False
) -> tuple[Reply, Reply]:
    return (
        Reply(f"{name}, accepted", response, accepted=True, definite=False, lasting=lasting),
        Reply(f"{name}, not accepted", response, definite=False, lasting=lasting),
    )


def _not_accepted(name: str, response: Response, *, lasting: bool = False) -> Reply:
    return Reply(name, lambda _: response, lasting=lasting)


ACCEPTANCE: Final = Reply("accepted", _success, accepted=True)
NAME_TAKEN: Final = _not_accepted("name taken", _refusal(400, TAKEN))

REPLIES: Final[tuple[Reply, ...]] = (
    ACCEPTANCE,
    Reply("another 2xx", lambda e: _answer(200, envelope({"id": _id(e)})), accepted=True),
    *_both("2xx without an id", lambda e: _answer(_accepted(e), envelope({"setup": "x"}))),
    *_both(
        "2xx with an id of the wrong kind",
        lambda e: _answer(_accepted(e), envelope({"id": True})),
    ),
    *_both("2xx, id beside an error", lambda e: _answer(202, envelope({"id": _id(e)}, ["Failure"]))),
    *_both("2xx as HTML", lambda e: _html(_accepted(e))),
    *_both("2xx cut off", lambda e: _answer(_accepted(e), _success(e).body[:-2])),
    *_both("204", lambda _: _answer(204, b"")),
    *_both("302", lambda _: _html(302, "<a href='/login'>")),
    _not_accepted("refused", _refusal(400, "Wrong personalization tags FOO")),
    _not_accepted("refused by field", _refusal(400, channelQualifier="Channel qualifier should be present")),
    Reply("name of another sender", lambda _: _refusal(400, TAKEN), takes_name=True),
    *_both("400 without the envelope", lambda _: _answer(400, {"error": "invalid"})),
    *_both("400 as HTML", lambda _: _html(400)),
    _not_accepted("token expired", _refusal(401, EXPIRED)),
    _not_accepted("token expired forever", _refusal(401, EXPIRED), lasting=True),
    *_both("401 as HTML", lambda _: _html(401)),
    _not_accepted("forbidden", _refusal(403, "Forbidden")),
    Reply("404, empty", lambda _: _answer(404, b""), definite=False),
    *_both("408", lambda _: _refusal(408, "Request timeout")),
    *_both("409", lambda _: _refusal(409, "Conflict")),
    _not_accepted("busy, 400", _refusal(400, BUSY)),
    _not_accepted("busy, 403", _refusal(403, BUSY)),
    _not_accepted("busy forever", _refusal(400, BUSY), lasting=True),
    *_both("429 with the busy text", lambda _: _refusal(429, BUSY)),
    *_both("503 with the busy text", lambda _: _refusal(503, BUSY)),
    *_both("name of another request", lambda _: _refusal(400, OTHER_NAME)),
    *_both("429 without the text", lambda _: _refusal(429, "Too many requests")),
    *_both("500", lambda _: _refusal(500, "Failure")),
    *_both("500 with the busy text", lambda _: _refusal(500, BUSY)),
    *_both("502 as HTML", lambda _: _html(502)),
    *_both("503", lambda _: _html(503)),
    *_both("503 forever", lambda _: _html(503), lasting=True),
    _not_accepted("not connected", Failure(FailureKind.NOT_CONNECTED, "connection refused")),
    _not_accepted("not connected forever", Failure(FailureKind.NOT_CONNECTED, "no such host"), lasting=True),
    *_both("connection reset", lambda _: Failure(FailureKind.BROKEN, "reset by peer")),
    *_both("no answer in time", lambda _: Failure(FailureKind.BROKEN, "timed out"), lasting=True),
    *_both("an unexpected exception", lambda _: ZeroDivisionError()),
    _not_accepted(
        "credentials refused", CredentialsError("the vendor refused the credentials"), lasting=True
    ),
)


@cache
def client_outcome(reply: Reply, endpoint: Endpoint, *, repeated: bool) -> Outcome | CredentialsError:
    """Return the outcome of a reply by the real `judge`, or the error that the client raises."""
    response = reply.response(endpoint)
    if isinstance(response, CredentialsError):
        return response
    if isinstance(response, BaseException):
        return Outcome(Verdict.UNKNOWN, OutcomeReason.INTERNAL_ERROR, type(response).__name__)
    return judge(response, endpoint, repeated=repeated, body=BODY)


def with_own_id(outcome: Outcome, key: RequestKey) -> Outcome:
    """Return the outcome with the id of this request in place of the id in the reply."""
    if outcome.job_id is not None:
        return replace(outcome, job_id=job_id_of(key))
    return (
        outcome if outcome.transaction_id is None else replace(outcome, transaction_id=transaction_id_of(key))
    )


@cache
def job_id_of(key: RequestKey) -> int:
    """Return the job id under which the vendor accepts a request."""
    return JOB_ID + crc32(repr(tuple(key)).encode())


def transaction_id_of(key: RequestKey) -> str:
    """Return the transaction id under which the vendor accepts a request."""
    return f"{job_id_of(key):x}{TRANSACTION_ID}"


REFUSAL: Final = next(reply for reply in REPLIES if reply.name == "refused")
