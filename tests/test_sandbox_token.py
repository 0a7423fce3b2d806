"""The token rule, by a clock that the test holds: same token for three hours, life of four."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sendspec.sandbox import Behaviour, SandboxServer
from tests.sandbox_client import SandboxClient


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: int) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(clock):
    with SandboxServer(clock=clock) as server, SandboxClient(server.base_url) as client:
        yield client


def test_the_answer_has_the_documented_form(client):
    """A token comes with its type, the refresh token, and four hours in seconds, not in the envelope."""
    answer = client.token(refresh_token="mine").json()  # noqa: S106 - no real secret
    assert answer.keys() == {"access_token", "token_type", "refresh_token", "expires_in"}
    assert (answer["token_type"], answer["refresh_token"], answer["expires_in"]) == ("bearer", "mine", 14400)


def test_the_same_token_within_three_hours(client, clock):
    """Asking again brings the same token with what is left of it, until three hours have passed."""
    first = client.token().json()
    clock.forward(hours=2, minutes=59, seconds=59)
    again = client.token().json()
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] == 3601
    clock.forward(seconds=1)
    new = client.token().json()
    assert new["access_token"] != first["access_token"]
    assert new["expires_in"] == 14400


def test_both_tokens_live_and_the_old_one_dies(client, clock):
    """A new token leaves the old one alive; after four hours the old one is refused and named."""
    old = client.token().json()["access_token"]
    clock.forward(hours=3)
    new = client.token().json()["access_token"]
    use = {name: {"Authorization": f"Bearer {token}"} for name, token in {"old": old, "new": new}.items()}
    path = "/rest/channels/sms/programs"
    assert [client.get(path, headers=use[name]).status_code for name in use] == [200, 200]
    clock.forward(hours=1)
    assert client.get(path, headers=use["new"]).status_code == 200
    refused = client.get(path, headers=use["old"])
    assert refused.status_code == 401
    assert refused.json()["data"] is None
    assert refused.json()["meta"]["generalErrors"] == [
        f"The access token has expired. Token provided was: {old}"
    ]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer other", "Basic abc"])
def test_no_call_without_a_live_token(client, authorization):
    """Every REST call without a token of this sandbox is refused with 401, and accepts nothing."""
    client.headers["Authorization"] = authorization
    answers = [client.job(), client.batch(), client.batch("external-consent"), client.status("x")]
    assert {answer.status_code for answer in answers} == {401}
    assert not any(each["accepted"] for each in client.received())


FORMS = {
    "wrong-client": ({"client_id": "other"}, 401, "invalid_client"),
    "wrong-secret": ({"client_secret": "other"}, 401, "invalid_client"),
    "wrong-refresh": ({"refresh_token": "other"}, 400, "invalid_grant"),
    "missing-secret": ({"client_secret": ""}, 400, "invalid_request"),
    "other-grant": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
}


@pytest.fixture(scope="module")
def strict():
    behaviour = Behaviour().changed({"clientId": "id", "clientSecret": "secret", "refreshToken": "refresh"})
    with SandboxServer(behaviour=behaviour) as server, SandboxClient(server.base_url) as client:
        yield client


@pytest.mark.parametrize(("changes", "status", "error"), FORMS.values(), ids=FORMS)
def test_demanded_credentials(strict, changes, status, error):
    """Where credentials are demanded, others get an error in OAuth's form, without an envelope."""
    answer = strict.token(**changes)
    assert answer.status_code == status
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error


def test_only_forms_are_taken(strict):
    """A token request in JSON is refused, as the documentation demands a form."""
    answer = strict.post("/oauth/token", json={"grant_type": "refresh_token"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_credentials_are_not_shown(strict):
    """The switches tell that credentials are demanded, never which."""
    shown = strict.get("/sandbox/switches").json()
    assert (shown["clientId"], shown["clientSecret"], shown["refreshToken"]) == (True, True, True)
    assert "secret'" not in repr(Behaviour().changed({"clientSecret": "secret"}))


def test_token_requests_are_counted(client):
    """The number of token requests tells whether a client caches its token."""
    before = client.stats()["tokenRequests"]
    client.token()
    client.token()
    assert client.stats()["tokenRequests"] == before + 2
