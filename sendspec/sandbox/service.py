"""What happens to a request: a fault may strike, it is authorised, decided, recorded, answered.

Everything between the decision and the record runs without giving way to another request, so that
two requests with one message name can never both be accepted.
"""

from __future__ import annotations

import secrets
from collections import Counter
from http.client import responses as reason_phrases
from typing import TYPE_CHECKING, Any, Final

from sendspec.sandbox import magic_ids, responses, sends
from sendspec.sandbox.delays import Waits
from sendspec.sandbox.error_messages import Refusal, Refused
from sendspec.sandbox.faults import Faults, Kind
from sendspec.sandbox.operations import SENDING, Call
from sendspec.sandbox.responses import Answer, Dropped
from sendspec.sandbox.status import Statuses
from sendspec.sandbox.store import Received
from sendspec.sandbox.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from sendspec.model import Endpoint
    from sendspec.sandbox.behaviour import Behaviour
    from sendspec.sandbox.faults import Fault
    from sendspec.sandbox.store import Store

    Decide = Callable[[Request, bytes], Answer]

LOCATION: Final = "http://api.example.invalid/rest/channels/sms"
"""Where `location` points: another host and plain http, as in the vendor's samples; never to be followed."""

_FIRST_JOB: Final = 10_000_001
_PAGE_DIGITS: Final = 9
_WITHOUT_BODY: Final = (204, 205, 304)
_HTML: Final = "<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"


class Service:
    """One organisation of the vendor: its state, and an answer to every call."""

    def __init__(self, store: Store, behaviour: Behaviour, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.behaviour = behaviour
        self.clock = clock
        self.tokens = Tokens(clock)
        self.statuses = Statuses(store)
        self.faults = Faults()
        self.waits = Waits()
        self.received: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()

    async def call(self, call: Call, request: Request, decide: Decide) -> Response:
        """Answer one call: `decide` gives the answer that it gets where no fault strikes."""
        raw = await request.body()
        self.received[call.value] += 1
        fault = self.faults.take(call)
        struck = await self._strike(fault, None) if fault and not fault.after else None
        if struck is not None:
            self._record(call, request, raw, struck if isinstance(struck, Answer) else None)
            return _response(struck)
        answer = self._decided(call, request, raw, decide)
        self._record(call, request, raw, answer)
        struck = await self._strike(fault, answer) if fault and fault.after else None
        return _response(answer if struck is None else struck)

    def token(self, request: Request, raw: bytes) -> Answer:
        """Answer `POST /oauth/token`."""
        return self.tokens.answer(raw, request.headers.get("content-type", ""), self.behaviour)

    def job(self, request: Request, raw: bytes) -> Answer:
        """Answer a send to a contact source: a job id, a number."""
        _require_json(request, Refusal.FAILURE)
        message_id = request.path_params["message"]
        sends.judge_job(message_id, raw, self.behaviour, self.store.names)
        job = _FIRST_JOB + self.store.jobs
        location = f"{LOCATION}/publishedmessages/{message_id}/sendjobs/{job}"
        return responses.success(201, {"location": location, "id": job}, identifier=job)

    def batch(self, endpoint: Endpoint) -> Decide:
        """Answer a send to contacts: a transaction id, a string of the vendor's shape."""

        def decide(request: Request, raw: bytes) -> Answer:
            _require_json(request, Refusal.NOT_JSON)
            sends.judge_batch(endpoint, raw, self.behaviour)
            milliseconds = int(self.clock().timestamp() * 1000)
            transaction = f"{secrets.token_hex(4)}-{milliseconds:x}-{secrets.token_hex(16)}"
            location = f"{LOCATION}/sends/{transaction}/status"
            return responses.success(202, {"location": location, "id": transaction}, identifier=transaction)

        return decide

    def status(self, request: Request, _raw: bytes) -> Answer:
        """Answer a status call."""
        return self.statuses.answer(request.path_params["transaction"], self.behaviour)

    def programs(self, _request: Request, _raw: bytes) -> Answer:
        """Answer the list of SMS programs."""
        return responses.success(200, magic_ids.programs(self.behaviour))

    def published_messages(self, request: Request, _raw: bytes) -> Answer:
        """Answer one page of the published messages, with the address of the next one."""
        page = request.query_params.get("page", "1")
        if (
            not page.isdecimal()
            or len(page) > _PAGE_DIGITS
            or request.path_params["channel"].upper() != "SMS"
        ):
            raise Refused(Refusal.FAILURE)
        start = max(int(page) - 1, 0) * magic_ids.PAGE
        every = magic_ids.published_messages(self.behaviour)
        more = start + magic_ids.PAGE < len(every)
        following = str(request.url.include_query_params(page=int(page) + 1)) if more else None
        return responses.success(200, every[start : start + magic_ids.PAGE], next_page=following)

    def _decided(self, call: Call, request: Request, raw: bytes, decide: Decide) -> Answer:
        try:
            if call is not Call.TOKEN:
                self._authorise(request)
            return decide(request, raw)
        except Refused as refused:
            return responses.refusal(refused, self.behaviour)

    def _authorise(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self.tokens.is_live(token.strip()):
            raise Refused(Refusal.TOKEN_EXPIRED, token=token.strip())
        if not self.behaviour.sms_enabled:
            raise Refused(Refusal.FORBIDDEN)

    def _record(self, call: Call, request: Request, raw: bytes, answer: Answer | None) -> None:
        if call not in SENDING:
            return
        accepted = answer is not None and answer.id is not None
        self.store.append(
            Received(
                endpoint=call.value,
                path=request.scope["path"],
                body=_readable(raw),
                accepted=accepted,
                id=answer.id if answer else None,
                status=answer.status if answer else None,
                at=self.clock().isoformat(),
            )
        )
        self.accepted[call.value] += accepted

    async def _strike(self, fault: Fault, answer: Answer | None) -> Answer | Dropped | None:
        """Let a fault strike: give what is answered instead, or None where the request goes on."""
        going = await self.waits.pause(fault.ms)
        if going and fault.kind is Kind.HOLD:
            going = await self.waits.hold()
        return self._struck(fault, answer) if going else Dropped()

    def _struck(self, fault: Fault, answer: Answer | None) -> Answer | Dropped | None:
        match fault.kind:
            case Kind.DROP_BEFORE | Kind.DROP_AFTER:
                return Dropped(reset=fault.reset)
            case Kind.STATUS | Kind.HTML:
                return _faulty(fault)
            case Kind.BUSY:
                return responses.failure(self.behaviour.busy_status, self.behaviour.busy_text)
            case Kind.EXPIRE_TOKENS:
                self.tokens.expire_all()
            case Kind.MALFORMED_ID if answer is not None and answer.id is not None:
                return _without_id(answer, fault)
        return None


def _response(outcome: Answer | Dropped) -> Response:
    return outcome.response() if isinstance(outcome, Answer) else outcome


def _require_json(request: Request, otherwise: Refusal) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(otherwise)


def _readable(raw: bytes) -> Any:
    try:
        return sends.decode(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def _faulty(fault: Fault) -> Answer:
    phrase = reason_phrases.get(fault.code, "Fault")
    if fault.code in _WITHOUT_BODY:
        return Answer(fault.code, headers=fault.headers)
    if fault.kind is Kind.STATUS:
        document = responses.envelope(general=(fault.text or phrase,))
        return Answer(fault.code, document, headers=fault.headers)
    page = fault.text or _HTML.format(title=f"{fault.code} {phrase}")
    headers = {"content-type": "text/html; charset=utf-8", **fault.headers}
    return Answer(fault.code, page.encode(), headers=headers)


def _without_id(answer: Answer, fault: Fault) -> Answer:
    data = {key: value for key, value in answer.document["data"].items() if key != "id"}
    if fault.id is not ...:
        data["id"] = fault.id
    return responses.success(answer.status, data)
