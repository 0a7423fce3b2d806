"""Handling of a request: apply a fault, authorise, decide, store, answer.

No other request runs between the decision and the store, because nothing between them awaits. So two
requests with one message name are never both accepted.
"""

from __future__ import annotations

import secrets
from collections import Counter
from http.client import responses as reason_phrases
from typing import TYPE_CHECKING, Any, Final

from sendspec.sandbox import catalog, request_validation, responses
from sendspec.sandbox.catalog import NamedIds
from sendspec.sandbox.error_messages import Refusal, Refused
from sendspec.sandbox.faults import FaultKind, Faults
from sendspec.sandbox.held_requests import Delays
from sendspec.sandbox.operations import SEND_OPERATIONS, Operation
from sendspec.sandbox.request_store import ReceivedRequest
from sendspec.sandbox.responses import Answer, DroppedConnection
from sendspec.sandbox.status import StatusOperation
from sendspec.sandbox.tokens import TokenIssuer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from sendspec.model import Endpoint
    from sendspec.sandbox.faults import Fault
    from sendspec.sandbox.request_store import Store
    from sendspec.sandbox.vendor_unknowns import Behaviour

    Decide = Callable[[Request, bytes], Answer]

LOCATION: Final = "http://api.example.invalid/rest/channels/sms"
"""The host in `location` is not this one and uses plain HTTP, as in the vendor's samples."""
NEXT_PAGE: Final = "https://api.example.invalid/rest/channels/{channel}/publishedmessages?page={page}"
"""The host in `nextPageUrl` is not this one either, as in the vendor's sample."""

_OK: Final = 200
_FIRST_JOB_ID: Final = 10_000_001
_PAGE_DIGITS_MAX: Final = 9
_STATUSES_WITHOUT_BODY: Final = (204, 205, 304)
_HTML: Final = "<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"


class Service:
    """One organisation of the vendor: its state, and the answer to every request."""

    def __init__(
        self,
        store: Store,
        behaviour: Behaviour,
        clock: Callable[[], datetime],
        named: Callable[[], NamedIds] = NamedIds,
    ) -> None:
        self.store = store
        self.behaviour = behaviour
        self.clock = clock
        self.named = named
        self.tokens = TokenIssuer(clock)
        self.status_operation = StatusOperation(store)
        self.faults = Faults()
        self.delays = Delays()
        self.received: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()

    async def answer(self, operation: Operation, request: Request, decide: Decide) -> Response:
        """Return the response to one request; `decide` returns the answer without a fault."""
        raw = await request.body()
        self.received[operation.value] += 1
        fault = self.faults.take(operation)
        faulty = await self._apply(fault, request, None) if fault and not fault.after else None
        if faulty is not None:
            self._record(operation, request, raw, faulty if isinstance(faulty, Answer) else None)
            return _response(faulty)
        answer = self._decide(operation, request, raw, decide)
        self._record(operation, request, raw, answer)
        faulty = await self._apply(fault, request, answer) if fault and fault.after else None
        return _response(answer if faulty is None else faulty)

    def token(self, request: Request, raw: bytes) -> Answer:
        """Return the answer to `POST /oauth/token`."""
        return self.tokens.answer(raw, request.headers.get("content-type", ""), self.behaviour)

    def job(self, request: Request, raw: bytes) -> Answer:
        """Return the answer to a send to a contact source, with a job id, which is a number."""
        _require_json(request, Refusal.FAILURE)
        message_id = request.path_params["message"]
        request_validation.validate_job(message_id, raw, self.behaviour, self.store.message_names)
        job = _FIRST_JOB_ID + self.store.job_count
        location = f"{LOCATION}/publishedmessages/{message_id}/sendjobs/{job}"
        return responses.success(201, {"location": location, "id": job}, identifier=job)

    def batch(self, endpoint: Endpoint) -> Decide:
        """Return the function that answers a send to contacts, with a transaction id, which is a string."""

        def decide(request: Request, raw: bytes) -> Answer:
            _require_json(request, Refusal.NOT_JSON)
            request_validation.validate_batch(endpoint, raw, self.behaviour)
            milliseconds = int(self.clock().timestamp() * 1000)
            transaction = f"{secrets.token_hex(4)}-{milliseconds:x}-{secrets.token_hex(16)}"
            location = f"{LOCATION}/sends/{transaction}/status"
            return responses.success(202, {"location": location, "id": transaction}, identifier=transaction)

        return decide

    def status(self, request: Request, _raw: bytes) -> Answer:
        """Return the answer to a status call."""
        return self.status_operation.answer(request.path_params["transaction"], self.behaviour)

    def programs(self, _request: Request, _raw: bytes) -> Answer:
        """Return the list of SMS programs."""
        return responses.success(200, catalog.programs(self.behaviour, self.named()))

    def published_messages(self, request: Request, _raw: bytes) -> Answer:
        """Return one page of the published messages, with the URL of the next page."""
        page, channel = request.query_params.get("page", "1"), request.path_params["channel"]
        if not page.isdecimal() or len(page) > _PAGE_DIGITS_MAX or channel.upper() != "SMS":
            raise Refused(Refusal.FAILURE)
        start = max(int(page) - 1, 0) * catalog.PAGE_SIZE
        messages = catalog.published_messages(self.behaviour, self.named())
        has_next = start + catalog.PAGE_SIZE < len(messages)
        next_page = NEXT_PAGE.format(channel=channel, page=int(page) + 1) if has_next else None
        return responses.success(200, messages[start : start + catalog.PAGE_SIZE], next_page=next_page)

    def _decide(self, operation: Operation, request: Request, raw: bytes, decide: Decide) -> Answer:
        try:
            if operation is not Operation.TOKEN:
                self._authorise(request)
            return decide(request, raw)
        except Refused as refused:
            return responses.refusal(refused, self.behaviour)

    def _authorise(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self.tokens.is_valid(token.strip()):
            raise Refused(Refusal.TOKEN_EXPIRED, token=token.strip())
        if not self.behaviour.sms_enabled:
            raise Refused(Refusal.FORBIDDEN)

    def _record(self, operation: Operation, request: Request, raw: bytes, answer: Answer | None) -> None:
        if operation not in SEND_OPERATIONS:
            return
        accepted = answer is not None and answer.id is not None
        self.store.append(
            ReceivedRequest(
                endpoint=operation.value,
                path=request.scope["path"],
                body=_json_or_text(raw),
                accepted=accepted,
                id=answer.id if answer else None,
                status=answer.status if answer else None,
                at=self.clock().isoformat(),
            )
        )
        self.accepted[operation.value] += accepted

    async def _apply(
        self, fault: Fault, request: Request, answer: Answer | None
    ) -> Answer | DroppedConnection | None:
        """Apply a fault, and return the response in place of the answer, None if there is none."""
        running = await self.delays.pause(fault.ms)
        if running and fault.kind is FaultKind.HOLD:
            running = await self.delays.hold()
        return self._replacement(fault, request, answer) if running else DroppedConnection()

    def _replacement(
        self, fault: Fault, request: Request, answer: Answer | None
    ) -> Answer | DroppedConnection | None:
        match fault.kind:
            case FaultKind.DROP_BEFORE | FaultKind.DROP_AFTER:
                return DroppedConnection(reset=fault.reset)
            case FaultKind.STATUS | FaultKind.HTML:
                return _fault_answer(fault)
            case FaultKind.BUSY:
                return responses.failure(self.behaviour.busy_status, self.behaviour.busy_text)
            case FaultKind.EXPIRE_TOKENS:
                self.tokens.expire_all()
            case FaultKind.MALFORMED_ID if answer is not None and answer.id is not None:
                return _without_id(answer, fault)
            case FaultKind.NEXT_PAGE if answer is not None and answer.status == _OK:
                page = request.query_params.get("page", "1")
                url = fault.url.replace("{next}", str(int(page) + 1) if page.isdecimal() else page)
                return responses.success(answer.status, answer.document["data"], next_page=url)
        return None


def _response(answer: Answer | DroppedConnection) -> Response:
    return answer.response() if isinstance(answer, Answer) else answer


def _require_json(request: Request, refusal: Refusal) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(refusal)


def _json_or_text(raw: bytes) -> Any:
    try:
        return request_validation.decode(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def _fault_answer(fault: Fault) -> Answer:
    phrase = reason_phrases.get(fault.code, "Fault")
    if fault.code in _STATUSES_WITHOUT_BODY:
        return Answer(fault.code, headers=fault.headers)
    if fault.kind is FaultKind.STATUS:
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
