"""Faults on demand and the limit of concurrent requests, over real sockets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sendspec.sandbox import SandboxServer
from tests.sandbox_client import SandboxClient

BUSY = "Max number of concurrent requests reached"


@pytest.fixture(scope="module")
def server():
    with SandboxServer() as server:
        yield server


@pytest.fixture
def client(server):
    with SandboxClient(server.base_url) as client:
        yield client
        client.delete("/sandbox/faults")


def accepted_since(client, before: int) -> list[str]:
    """Return the endpoints of the accepted requests after the first `before` received ones."""
    return [request["endpoint"] for request in client.received()[before:] if request["accepted"]]


@pytest.mark.parametrize(("kind", "accepted"), [("drop-before", []), ("drop-after", ["contacts"])])
@pytest.mark.parametrize(("reset", "error"), [(False, httpx.RemoteProtocolError), (True, httpx.ReadError)])
def test_drop(client, kind, accepted, reset, error):
    """A dropped connection ends or is reset without an answer; only drop-after accepts the request."""
    before = len(client.received())
    client.arm(kind, reset=reset)
    with pytest.raises(error):
        client.batch()
    assert accepted_since(client, before) == accepted
    assert client.batch().status_code == 202


@pytest.mark.parametrize(("after", "accepted"), [(False, []), (True, ["contact-source"])])
def test_status(client, after, accepted):
    """A fault of kind status answers its code in the envelope, before or after the decision."""
    before = len(client.received())
    client.arm("status", code=503, text="Down", headers={"Retry-After": "7"}, after=after)
    answer = client.job()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert answer.json()["meta"]["generalErrors"] == ["Down"]
    assert accepted_since(client, before) == accepted


@pytest.mark.parametrize("code", [204, 304])
def test_status_without_a_body(client, code):
    """An answer whose code does not permit a body has none."""
    client.arm("status", code=code)
    answer = client.batch()
    assert (answer.status_code, answer.content) == (code, b"")


def test_redirect(client):
    """A fault can answer a redirect, which clients must not follow."""
    client.arm("status", code=307, headers={"Location": "http://api.example.invalid/"})
    answer = client.batch()
    assert (answer.status_code, answer.headers["location"]) == (307, "http://api.example.invalid/")


def test_html(client):
    """A fault of kind html answers a page instead of the envelope, with 502 by default."""
    client.arm("html")
    answer = client.batch()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize(("after", "accepted"), [(False, []), (True, ["contacts"])])
def test_latency(after, accepted):
    """A request whose client times out is accepted before the delay only with `after`."""
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        client.arm("latency", ms=600_000, after=after)
        with pytest.raises(httpx.ReadTimeout):
            client.batch(timeout=httpx.Timeout(20, read=0.2))
        assert accepted_since(client, 0) == accepted


def test_a_short_latency_changes_nothing_else(client):
    """A delayed request gets the same answer as any other."""
    client.arm("latency", ms=1)
    assert client.batch().status_code == 202


def test_expire_tokens(client):
    """Tokens expire as the request arrives, which gets 401; a new token is accepted."""
    old = client.headers["Authorization"]
    client.arm("expire-tokens")
    refused = client.batch()
    assert refused.status_code == 401
    assert refused.json()["meta"]["generalErrors"] == [
        f"The access token has expired. Token provided was: {old.removeprefix('Bearer ')}"
    ]
    client.authorise()
    assert client.headers["Authorization"] != old
    assert client.batch().status_code == 202


@pytest.mark.parametrize(
    ("settings", "data"),
    [({}, {"location"}), ({"id": None}, {"location", "id"}), ({"id": ""}, {"location", "id"})],
    ids=["absent", "null", "empty"],
)
def test_malformed_id(client, settings, data):
    """The answer to an accepted send can have an unusable id, or none."""
    before = len(client.received())
    client.arm("malformed-id", **settings)
    answer = client.job()
    assert answer.status_code == 201
    assert answer.json()["data"].keys() == data
    assert not answer.json()["data"].get("id")
    assert accepted_since(client, before) == ["contact-source"]


def test_malformed_id_leaves_refusals_alone(client):
    """A refused send gets its usual answer, because it has no id."""
    client.arm("malformed-id")
    assert client.job(contactSourceId=404).status_code == 400


def test_busy(client):
    """A fault of kind busy answers the concurrency refusal to a single request."""
    client.arm("busy")
    answer = client.batch()
    assert (answer.status_code, answer.json()["meta"]["generalErrors"]) == (400, [BUSY])


def test_times_and_skip(client):
    """A fault skips `skip` requests, applies to `times` requests, and ends."""
    client.arm("status", skip=1, times=2, code=500)
    assert [client.batch().status_code for _ in range(4)] == [202, 500, 500, 202]


def test_until_disarmed(client):
    """A fault with `times` null applies until it is disarmed."""
    client.arm("status", times=None, code=500)
    assert [client.batch().status_code for _ in range(3)] == [500, 500, 500]
    assert [fault["times"] for fault in client.get("/sandbox/faults").json()] == [None]
    assert client.delete("/sandbox/faults").status_code == 204
    assert client.batch().status_code == 202


def test_only_the_named_endpoints(client):
    """A fault applies to the endpoints that it names, by default to the three that send."""
    client.arm("status", endpoint=["contact-source", "status"], times=None, code=500)
    codes = [client.job(), client.batch(), client.batch("external-consent"), client.status("x")]
    assert [answer.status_code for answer in codes] == [500, 202, 202, 500]
    client.delete("/sandbox/faults")
    client.arm("status", times=None, code=500)
    codes = [
        client.job(),
        client.batch(),
        client.batch("external-consent"),
        client.status("x"),
        client.token(),
    ]
    assert [answer.status_code for answer in codes] == [500, 500, 500, 200, 200]


def test_faults_queue_up(client):
    """One fault applies to each request, in the order of arming."""
    client.arm("status", code=500)
    client.arm("html", code=503)
    assert [client.batch().status_code for _ in range(3)] == [500, 503, 202]


def test_the_token_call_can_fail(client):
    """A fault applies to the token call if it names it."""
    client.arm("html", endpoint="token", code=500)
    assert client.token().status_code == 500
    client.arm("drop-after", endpoint="token")
    with pytest.raises(httpx.RemoteProtocolError):
        client.token()


BAD_FAULTS = {
    "unknown-kind": {"kind": "explode"},
    "no-kind": {},
    "unknown-property": {"kind": "html", "cod": 500},
    "unknown-endpoint": {"kind": "html", "endpoint": "sends"},
    "endpoint-not-a-name": {"kind": "html", "endpoint": [["contacts"]]},
    "times-zero": {"kind": "html", "times": 0},
    "times-text": {"kind": "html", "times": "2"},
    "negative-wait": {"kind": "latency", "ms": -1},
    "code-no-code": {"kind": "status", "code": 99},
    "header-not-text": {"kind": "status", "headers": {"Retry-After": 5}},
    "header-of-two-lines": {"kind": "status", "headers": {"Retry-After": "5\r\nX: y"}},
    "before-after": {"kind": "drop-before", "after": True},
    "not-an-object": ["html"],
}


@pytest.mark.parametrize("settings", BAD_FAULTS.values(), ids=BAD_FAULTS)
def test_bad_faults_are_refused(client, settings):
    """Settings that do not describe a fault are refused with the reason, and no fault is armed."""
    answer = client.post("/sandbox/faults", json=settings)
    assert (answer.status_code, answer.json().keys()) == (400, {"error", "hint"})
    assert client.get("/sandbox/faults").json() == []


@pytest.mark.parametrize(
    "settings",
    [
        {"bussyStatus": 429},
        {"busyStatus": "429"},
        {"concurrency": -1},
        {"errorsIn": "both"},
        {"smsEnabled": 1},
    ],
    ids=["unknown", "text", "negative", "not-a-choice", "not-a-boolean"],
)
def test_bad_settings_are_refused(client, settings):
    """An unknown setting or a value that is not valid is refused, and nothing changes."""
    before = client.get("/sandbox/behaviour").json()
    answer = client.patch("/sandbox/behaviour", json=settings)
    assert answer.status_code == 400
    assert next(iter(settings)) in answer.json()["error"]
    assert client.get("/sandbox/behaviour").json() == before


def test_control_calls_need_json(client):
    """The control API refuses a body that is not JSON, and a count that is not a number."""
    assert client.post("/sandbox/faults", content=b"{").status_code == 400
    assert client.get("/sandbox/held", params={"count": "many"}).status_code == 400


def test_waiting_for_held_requests_ends(client):
    """A wait for more held requests than there are ends with 408."""
    answer = client.get("/sandbox/held", params={"count": 1, "seconds": 0})
    assert (answer.status_code, answer.json()) == (408, {"held": 0})


def test_the_eleventh_request_is_refused(client):
    """While ten requests are in progress, every other REST call is refused and not queued."""
    client.arm("hold", times=10)
    with ThreadPoolExecutor(10) as pool:
        held = [pool.submit(client.batch) for _ in range(10)]
        client.wait_held(10)
        refused = [client.job(), client.status("x"), client.get("/rest/channels/sms/programs")]
        with client.behaviour(busyStatus=429, busyText="Slow down"):
            slower = client.batch()
        token = client.token()
        assert client.release() == 10
        assert client.stats()["held"] == 0
        codes = [future.result().status_code for future in held]
    assert [answer.status_code for answer in refused] == [400] * 3
    assert [answer.json()["meta"]["generalErrors"] for answer in refused] == [[BUSY]] * 3
    assert (slower.status_code, slower.json()["meta"]["generalErrors"]) == (429, ["Slow down"])
    assert token.status_code == 200
    assert codes == [202] * 10
    assert client.stats()["maxConcurrent"] == 11
    assert client.batch().status_code == 202


def test_a_client_within_the_limit_is_never_refused(client):
    """Ten threads that each wait for their answers never exceed the limit."""
    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(lambda _: client.batch().status_code, range(200)))
    assert codes == [202] * 200


def test_one_of_two_equal_names_is_accepted(client):
    """Of ten concurrent requests with one name, one is accepted."""
    client.arm("hold", times=10)
    with ThreadPoolExecutor(10) as pool:
        held = [pool.submit(client.job, messageName="contested") for _ in range(10)]
        client.wait_held(10)
        client.release()
        codes = sorted(future.result().status_code for future in held)
    assert codes == [201] + [400] * 9


def test_an_abandoned_request_may_still_be_accepted(client):
    """A held request is accepted after its release, even if its client has disconnected."""
    before = len(client.received())
    client.arm("hold")
    with pytest.raises(httpx.ReadTimeout):
        client.batch(timeout=httpx.Timeout(20, read=0.2))
    client.wait_held(1)
    client.release()
    while client.stats()["underWay"]:
        pass
    assert accepted_since(client, before) == ["contacts"]
