"""The token rule by a clock of the test: the same token for three hours, valid for four."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sendspec.sandbox import Behaviour, SandboxServer
from tests.sandbox_client import SandboxClient


class Clock:
    """A clock that changes only by `forward`."""

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
    """The answer has the token, its type, the refresh token and four hours in seconds, without envelope."""
    answer = client.token(refresh_token="mine").json()  # noqa: S106 - no real secret
    assert answer.keys() == {"access_token", "token_type", "refresh_token", "expires_in"}
    assert (answer["token_type"], answer["refresh_token"], answer["expires_in"]) == ("bearer", "mine", 14400)


def test_the_same_token_within_three_hours(client, clock):
    """For three hours a second request returns the same token with its remaining lifetime."""
    first = client.token().json()
    clock.forward(hours=2, minutes=59, seconds=59)
    again = client.token().json()
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] == 3601
    clock.forward(seconds=1)
    new = client.token().json()
    assert new["access_token"] != first["access_token"]
    assert new["expires_in"] == 14400


def test_an_old_token_is_valid_beside_a_new_one(client, clock):
    """An old token stays valid beside a new one; after four hours it is refused, and the text quotes it."""
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
def test_every_call_needs_a_valid_token(client, authorization):
    """Every REST call without a valid token is refused with 401 and not accepted."""
    client.headers["Authorization"] = authorization
    answers = [client.job(), client.batch(), client.batch("external-consent"), client.status("x")]
    assert {answer.status_code for answer in answers} == {401}
    assert not any(request["accepted"] for request in client.received())


FORMS = {
    "wrong-client": ({"client_id": "other"}, 401, "invalid_client"),
    "wrong-secret": ({"client_secret": "other"}, 401, "invalid_client"),
    "wrong-refresh": ({"refresh_token": "other"}, 400, "invalid_grant"),
    "missing-secret": ({"client_secret": ""}, 400, "invalid_request"),
    "other-grant": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
}


@pytest.fixture(scope="module")
def strict():
    behaviour = Behaviour().with_settings(
        {"clientId": "id", "clientSecret": "secret", "refreshToken": "refresh"}
    )
    with SandboxServer(behaviour=behaviour) as server, SandboxClient(server.base_url) as client:
        yield client


@pytest.mark.parametrize(("changes", "status", "error"), FORMS.values(), ids=FORMS)
def test_required_credentials(strict, changes, status, error):
    """If the behaviour requires credentials, others get an error in the form of OAuth."""
    answer = strict.token(**changes)
    assert answer.status_code == status
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error


def test_only_forms_are_accepted(strict):
    """A token request in JSON is refused, because the API documents a form."""
    answer = strict.post("/oauth/token", json={"grant_type": "refresh_token"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_credentials_are_not_shown(strict):
    """The settings show that credentials are required, and no value."""
    settings = strict.get("/sandbox/behaviour").json()
    assert (settings["clientId"], settings["clientSecret"], settings["refreshToken"]) == (True, True, True)
    assert "secret'" not in repr(Behaviour().with_settings({"clientSecret": "secret"}))


def test_token_requests_are_counted(client):
    """The stats count token requests, which show whether a client caches its token."""
    before = client.stats()["tokenRequests"]
    client.token()
    client.token()
    assert client.stats()["tokenRequests"] == before + 2
