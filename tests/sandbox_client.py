"""Client of the sandbox for tests: calls of the API and of the control API."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGE = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
SENDS = {
    "contacts": "/rest/channels/sms/sends",
    "external-consent": "/rest/channels/sms/externalconsentsends",
}
IDENTITY = {"contacts": "contactId", "external-consent": "phoneNumber"}
META = {"attributes": {}, "generalErrors": [], "fieldErrors": {}, "links": [], "nextPageUrl": None}
CREDENTIALS = {
    "grant_type": "refresh_token",
    "client_id": "id",
    "client_secret": "secret",
    "refresh_token": "refresh",
}


def error_of(answer: httpx.Response) -> str:
    """Check the envelope of a refusal, and return its only error."""
    document = answer.json()
    assert document.keys() == {"meta", "data"}
    assert document["data"] is None
    assert document["meta"].keys() == META.keys()
    (error,) = [*document["meta"]["generalErrors"], *document["meta"]["fieldErrors"].values()]
    return error


class SandboxClient(httpx.Client):
    """Has a token and sends valid requests, in which a test changes single properties."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url=base_url, trust_env=False, timeout=30)

    def __enter__(self) -> Self:
        super().__enter__()
        self.authorise()
        return self

    def token(self, **changes: str) -> httpx.Response:
        return self.post("/oauth/token", data=CREDENTIALS | changes)

    def authorise(self) -> None:
        self.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def job(self, message: str = MESSAGE, **body: Any) -> httpx.Response:
        body = {"messageName": f"name-{uuid.uuid4()}", "contactSourceId": 4396816} | body
        return self.post(f"/rest/channels/sms/publishedmessages/{message}/sendjobs", json=body)

    def batch(
        self,
        endpoint: str = "contacts",
        numbers: tuple[str, ...] = ("12125550100",),
        *,
        timeout: Any = httpx.USE_CLIENT_DEFAULT,
        **body: Any,
    ) -> httpx.Response:
        contacts = [{IDENTITY[endpoint]: number} for number in numbers]
        valid = {"channelQualifier": "148372", "content": "Hello", "contacts": contacts}
        return self.post(SENDS[endpoint], json=valid | body, timeout=timeout)

    def status(self, transaction: str) -> httpx.Response:
        return self.get(f"/rest/channels/sms/sends/{transaction}/status")

    def received(self) -> list[dict[str, Any]]:
        return self.get("/sandbox/requests").json()

    def stats(self) -> dict[str, Any]:
        return self.get("/sandbox/stats").json()

    def arm(self, kind: str, **settings: Any) -> None:
        answer = self.post("/sandbox/faults", json={"kind": kind, **settings})
        assert answer.status_code == 201, answer.text

    def wait_held(self, count: int) -> None:
        answer = self.get("/sandbox/held", params={"count": count, "seconds": 20})
        assert answer.status_code == 200, answer.text

    def release(self) -> int:
        return self.post("/sandbox/release").json()["released"]

    @contextmanager
    def behaviour(self, **settings: Any) -> Iterator[None]:
        before = self.get("/sandbox/behaviour").json()
        answer = self.patch("/sandbox/behaviour", json=settings)
        assert answer.status_code == 200, answer.text
        try:
            yield
        finally:
            self.patch("/sandbox/behaviour", json={key: before[key] for key in settings})
