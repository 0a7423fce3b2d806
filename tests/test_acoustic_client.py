"""The client with token, POST and verdict, against servers that answer as scripted."""

from __future__ import annotations

import json
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from sendspec.acoustic import Client, Credentials, Limits
from sendspec.errors import CredentialsError
from sendspec.model import Endpoint, Outcome, OutcomeReason, Verdict
from sendspec.redact import Redactor
from sendspec.structs import replace
from tests.clocks import NEVER, SetClock
from tests.servers import ScriptedServer, answering, envelope, refusing_port, response, serving

CREDENTIALS = Credentials("an-id&x", "a secret", "a+refresh")
SENDS = "/channels/sms/sends"
SEND_JOBS = "/channels/sms/publishedmessages/e3c3d1ea-e54b-458d-b32b-18a99f63b58c/sendjobs"
BODY = b'{"content":"hi"}'
ACCEPTED = response(202, envelope({"location": "http://127.0.0.1:9/x", "id": "t-1"}))
EXPIRED = response(401, envelope(None, ["The access token has expired. Token provided was: token-1"]))


def granting(value="token-1", rotated=None):
    grant = {"access_token": value, "token_type": "bearer", "expires_in": 14400}
    return response(200, grant if rotated is None else {**grant, "refresh_token": rotated})


def post(client, endpoint=Endpoint.CONTACTS, path=SENDS, body=BODY, *, repeated=False):
    return client.post(endpoint, path, body, repeated=repeated, latest=NEVER)


def test_token_then_post():
    """The client requests one token in the documented form; each POST has it and its exact body."""
    script = answering(granting(), ACCEPTED, ACCEPTED)
    with ScriptedServer((script,)) as server, Client(f"{server.base_url}/", CREDENTIALS) as client:
        outcomes = [post(client), post(client)]
    assert outcomes == [Outcome(Verdict.SENT, OutcomeReason.ACCEPTED, "answered 202", None, "t-1")] * 2
    token, first, second = server.requests
    assert (token.method, token.path) == ("POST", "/oauth/token")
    assert token.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in token.headers
    assert (
        token.body
        == b"grant_type=refresh_token&client_id=an-id%26x&client_secret=a+secret&refresh_token=a%2Brefresh"
    )
    for request in (first, second):
        assert (request.method, request.path, request.body) == ("POST", f"/rest{SENDS}", BODY)
        assert request.headers["authorization"] == "Bearer token-1"
        assert request.headers["content-type"] == "application/json"


def test_expired_token():
    """A refused token has its own verdict, is masked, and is replaced for the next attempt only."""
    script = answering(granting(), EXPIRED, granting("token-2", rotated="rotated"), ACCEPTED)
    with ScriptedServer((script,)) as server, Client(server.base_url, CREDENTIALS) as client:
        refused = post(client)
        assert len(server.requests) == 2
        accepted = post(client)
    assert refused.verdict is Verdict.TOKEN_EXPIRED
    assert refused.evidence == "answered 401: The access token has expired. Token provided was: [secret]"
    assert accepted.verdict is Verdict.SENT
    assert [request.headers.get("authorization") for request in server.requests] == [
        None,
        "Bearer token-1",
        None,
        "Bearer token-2",
    ]


def test_rotated_refresh_token():
    """The client requests the next token with the refresh token that the vendor rotated."""
    script = answering(granting(rotated="rotated"), EXPIRED, granting("token-2"), ACCEPTED)
    with ScriptedServer((script,)) as server, Client(server.base_url, CREDENTIALS) as client:
        post(client)
        post(client)
    assert server.requests[2].body.endswith(b"refresh_token=rotated")


def test_token_is_renewed_in_time():
    """The clock of the client decides when a token has expired."""
    clock = SetClock()
    script = answering(granting(), ACCEPTED, granting("token-2"), ACCEPTED)
    with (
        ScriptedServer((script,)) as server,
        Client(server.base_url, CREDENTIALS, clock=clock) as client,
    ):
        post(client)
        clock.seconds = 14350.0
        post(client)
    assert [request.headers.get("authorization") for request in server.requests][1::2] == [
        "Bearer token-1",
        "Bearer token-2",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        response(503, headers={"Connection": "close"}),
        response(502, b"<html>", {"Connection": "close"}),
        response(429, {"error": "slow"}, {"Connection": "close"}),
        b"",
        b"HTTP/1.1 200 OK\r\n",
    ],
    ids=["503", "502", "429", "closed", "cut off"],
)
def test_no_token_now(answer):
    """Without a token the client sends nothing, and the caller may try again."""
    scripts = (answering(answer), answering(granting(), ACCEPTED))
    with ScriptedServer(scripts) as server, Client(server.base_url, CREDENTIALS) as client:
        unsent = post(client)
        assert server.paths() == ["POST /oauth/token"]
        assert post(client).verdict is Verdict.SENT
    assert unsent.verdict is Verdict.UNSENT
    assert unsent.evidence.startswith("cannot get an access token: ")


def test_vendor_unreachable():
    """If the host refuses connections, the request is unsent."""
    with refusing_port() as port, Client(f"http://127.0.0.1:{port}", CREDENTIALS) as client:
        outcome = post(client)
    assert outcome.verdict is Verdict.UNSENT
    assert "refused" in outcome.evidence


def test_vendor_unreachable_after_the_token():
    """If the host stops listening between token and POST, the request is unsent."""
    grant = granting().replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)

    def last(connection):
        connection.request()
        connection.server.stop_listening()
        connection.send(grant)

    with ScriptedServer((last,)) as server, Client(server.base_url, CREDENTIALS) as client:
        assert post(client).verdict is Verdict.UNSENT
    assert server.paths() == ["POST /oauth/token"]


def test_refused_credentials():
    """Refused credentials raise, are not tried twice, and do not appear in the message or its traceback."""
    description = "bad an-id&x, an-id%26x, a secret, a+secret, a+refresh, a%2Brefresh"
    refusal = response(401, {"error": "invalid_client", "error_description": description})
    with ScriptedServer((answering(refusal),)) as server, Client(server.base_url, CREDENTIALS) as client:
        for _ in range(2):
            with pytest.raises(CredentialsError) as caught:
                post(client)
            text = "".join(traceback.format_exception(caught.value)) + (caught.value.hint or "")
            assert not any(secret in text for secret in CREDENTIALS.secrets)
    assert server.paths() == ["POST /oauth/token"]


def test_evidence_masks_every_secret():
    """Credentials, tokens and rotated refresh tokens are masked if the vendor repeats them."""
    text = "token-1 r0tated+x r0tated%2Bx a secret known-before 12125550123"
    refusal = response(400, envelope(None, [text]))
    script = answering(granting(rotated="r0tated+x"), refusal)
    redactor = Redactor(("known-before",))
    with (
        ScriptedServer((script,)) as server,
        Client(server.base_url, CREDENTIALS, redactor=redactor) as client,
    ):
        outcome = post(client)
    assert outcome.verdict is Verdict.REFUSED
    assert outcome.evidence == f"answered 400: {' '.join(['[secret]'] * 5)} 1212•••••23"


@pytest.mark.parametrize("repeated", [False, True])
def test_repeated_request(repeated):
    """After an earlier attempt, "already exists" means that this attempt was accepted."""
    taken = response(400, envelope(None, ["A SMS with the name: x already exists"]))
    with (
        ScriptedServer((answering(granting(), taken),)) as server,
        Client(server.base_url, CREDENTIALS) as client,
    ):
        outcome = post(client, Endpoint.CONTACT_SOURCE, SEND_JOBS, b'{"messageName":"x"}', repeated=repeated)
    assert outcome.verdict is (Verdict.SENT if repeated else Verdict.REFUSED)


def test_lost_answer():
    """A POST without an answer is unknown, and is sent once."""

    def loses(connection):
        connection.request()
        connection.send(granting())
        connection.request()
        connection.reset()

    with (
        ScriptedServer((loses, answering(ACCEPTED))) as server,
        Client(server.base_url, CREDENTIALS, limits=replace(Limits(), total=30)) as client,
    ):
        assert post(client).verdict is Verdict.UNKNOWN
    assert server.paths() == ["POST /oauth/token", f"POST /rest{SENDS}"]


def test_one_token_for_many_threads():
    """Ten threads without a token request one together, and each gets its own answer."""

    def vendor(request):
        if request.path == "/oauth/token":
            return granting()
        return response(202, envelope({"id": json.loads(request.body)["content"]}))

    with (
        ScriptedServer((serving(vendor),)) as server,
        Client(server.base_url, CREDENTIALS) as client,
        ThreadPoolExecutor(10) as pool,
    ):
        names = [f"t-{number}" for number in range(100)]
        outcomes = pool.map(lambda name: post(client, body=json.dumps({"content": name}).encode()), names)
        assert [outcome.transaction_id for outcome in outcomes] == names
    assert server.paths().count("POST /oauth/token") == 1
