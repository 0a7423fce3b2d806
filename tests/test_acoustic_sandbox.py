"""The client against the sandbox: every endpoint, every fault, a transaction from POST to status."""

from __future__ import annotations

import json

import pytest

from sendspec.acoustic import Client, Credentials, NotFoundYet, StatusAnswer
from sendspec.errors import CredentialsError
from sendspec.model import Endpoint, Verdict
from sendspec.sandbox import Behaviour, SandboxServer
from tests.clocks import NEVER
from tests.sandbox_client import MESSAGE, SandboxClient

CREDENTIALS = Credentials("an-id", "a-secret", "a-refresh")
JOB = {"messageName": "spring-sale-teaser", "contactSourceId": 4396816}
BATCH = {"channelQualifier": "148372", "content": "Hello", "contacts": [{"contactId": "12125550123"}]}
CONSENT_BATCH = {**BATCH, "contacts": [{"phoneNumber": "12125550123"}]}
CALLS = {
    Endpoint.CONTACT_SOURCE: (f"/channels/sms/publishedmessages/{MESSAGE}/sendjobs", JOB),
    Endpoint.CONTACTS: ("/channels/sms/sends", BATCH),
    Endpoint.EXTERNAL_CONSENT: ("/channels/sms/externalconsentsends", CONSENT_BATCH),
}


def call(client, endpoint, *, repeated=False):
    path, body = CALLS[endpoint]
    return client.post(endpoint, path, json.dumps(body).encode(), repeated=repeated, latest=NEVER)


@pytest.fixture
def sandbox():
    with (
        SandboxServer(None) as server,
        Client(server.base_url, CREDENTIALS) as client,
        SandboxClient(server.base_url) as control,
    ):
        yield client, control


@pytest.mark.parametrize("endpoint", Endpoint)
def test_accepts(sandbox, endpoint):
    """Each endpoint accepts a request, and the outcome has its id in the right field."""
    client, control = sandbox
    outcome = call(client, endpoint)
    assert outcome.verdict is Verdict.SENT
    assert (outcome.job_id is None) is not (outcome.transaction_id is None)
    assert len(control.received()) == 1


def test_name_taken(sandbox):
    """A second job of one name is refused; after an attempt it proves that the first was accepted."""
    client, _ = sandbox
    assert call(client, Endpoint.CONTACT_SOURCE).verdict is Verdict.SENT
    assert call(client, Endpoint.CONTACT_SOURCE).verdict is Verdict.REFUSED
    assert call(client, Endpoint.CONTACT_SOURCE, repeated=True).verdict is Verdict.SENT


@pytest.mark.parametrize(
    ("fault", "verdict", "accepted"),
    [
        ({"kind": "drop-before"}, Verdict.UNKNOWN, 0),
        ({"kind": "drop-after"}, Verdict.UNKNOWN, 1),
        ({"kind": "drop-after", "reset": True}, Verdict.UNKNOWN, 1),
        ({"kind": "html"}, Verdict.UNKNOWN, 0),
        ({"kind": "status", "code": 503}, Verdict.UNKNOWN, 0),
        ({"kind": "status", "code": 429}, Verdict.UNKNOWN, 0),
        ({"kind": "malformed-id"}, Verdict.UNKNOWN, 1),
        ({"kind": "busy"}, Verdict.BUSY, 0),
        ({"kind": "expire-tokens"}, Verdict.TOKEN_EXPIRED, 0),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else str(value),
)
def test_faults(sandbox, fault, verdict, accepted):
    """Every fault of the sandbox leads to the verdict of its row, accepted or not."""
    client, control = sandbox
    control.arm(**fault)
    assert call(client, Endpoint.CONTACTS).verdict is verdict
    assert sum(control.stats()["accepted"].values()) == accepted


def test_token_replaced(sandbox):
    """After an expired token the next attempt is accepted once."""
    client, control = sandbox
    assert call(client, Endpoint.CONTACTS).verdict is Verdict.SENT
    control.arm("expire-tokens")
    assert call(client, Endpoint.CONTACTS).verdict is Verdict.TOKEN_EXPIRED
    assert call(client, Endpoint.CONTACTS).verdict is Verdict.SENT
    assert sum(control.stats()["accepted"].values()) == 2


def test_credentials():
    """Credentials that the sandbox refuses raise an error."""
    with (
        SandboxServer(None, Behaviour().with_settings({"clientSecret": "another"})) as server,
        Client(server.base_url, CREDENTIALS) as client,
        pytest.raises(CredentialsError, match="invalid_client"),
    ):
        call(client, Endpoint.CONTACTS)


@pytest.mark.parametrize("location", ["generalErrors", "errors", "data"])
def test_status(sandbox, location):
    """Status calls reach the end of a transaction; an unknown id is recognised in every place of the text."""
    client, control = sandbox
    transaction = call(client, Endpoint.EXTERNAL_CONSENT).transaction_id
    while (status := client.status(transaction)).processed < 1:
        pass
    assert status == StatusAnswer(1, 1, 1, (), ())
    with control.behaviour(unknownStatusIn=location):
        assert client.status("no-such-transaction") == NotFoundYet()
