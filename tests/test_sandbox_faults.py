"""Faults on demand and the limit of concurrent requests, as a client meets them over real sockets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sendspec.sandbox import SandboxServer
from tests.sandbox_client import SandboxClient

BUSY = "The request was refused: max number of concurrent requests reached"


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
    """Give the endpoints whose requests were accepted after the first `before` received ones."""
    return [each["endpoint"] for each in client.received()[before:] if each["accepted"]]


@pytest.mark.parametrize(("kind", "accepted"), [("drop-before", []), ("drop-after", ["contacts"])])
@pytest.mark.parametrize(("reset", "error"), [(False, httpx.RemoteProtocolError), (True, httpx.ReadError)])
def test_drop(client, kind, accepted, reset, error):
    """A dropped connection ends or is reset without an answer; only after accepting was it accepted."""
    before = len(client.received())
    client.arm(kind, reset=reset)
    with pytest.raises(error):
        client.batch()
    assert accepted_since(client, before) == accepted
    assert client.batch().status_code == 202


@pytest.mark.parametrize(("after", "accepted"), [(False, []), (True, ["contact-source"])])
def test_status(client, after, accepted):
    """A fault of kind status answers its code in the envelope, before or after the send was accepted."""
    before = len(client.received())
    client.arm("status", code=503, text="Down", headers={"Retry-After": "7"}, after=after)
    answer = client.job()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert answer.json()["meta"]["generalErrors"] == ["Down"]
    assert accepted_since(client, before) == accepted


@pytest.mark.parametrize("code", [204, 304])
def test_status_without_a_body(client, code):
    """A code that allows no body gets none."""
    client.arm("status", code=code)
    answer = client.batch()
    assert (answer.status_code, answer.content) == (code, b"")


def test_redirect(client):
    """A redirect to elsewhere can be answered, for clients that must not follow it."""
    client.arm("status", code=307, headers={"Location": "http://api.example.invalid/"})
    answer = client.batch()
    assert (answer.status_code, answer.headers["location"]) == (307, "http://api.example.invalid/")


def test_html(client):
    """An error page comes as HTML instead of the envelope, 502 unless told otherwise."""
    client.arm("html")
    answer = client.batch()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize(("after", "accepted"), [(False, []), (True, ["contacts"])])
def test_latency(after, accepted):
    """A client that gives up on a late answer was accepted before the delay or not, as the fault says."""
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        client.arm("latency", ms=600_000, after=after)
        with pytest.raises(httpx.ReadTimeout):
            client.batch(timeout=httpx.Timeout(20, read=0.2))
        assert accepted_since(client, 0) == accepted


def test_a_short_latency_changes_nothing_else(client):
    """A delayed request is answered as if it had not been."""
    client.arm("latency", ms=1)
    assert client.batch().status_code == 202


def test_expire_tokens(client):
    """Tokens expire as the request arrives: it gets 401, and works with the new token that is given."""
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
    """An accepted send can be answered without a usable id."""
    before = len(client.received())
    client.arm("malformed-id", **settings)
    answer = client.job()
    assert answer.status_code == 201
    assert answer.json()["data"].keys() == data
    assert not answer.json()["data"].get("id")
    assert accepted_since(client, before) == ["contact-source"]


def test_malformed_id_leaves_refusals_alone(client):
    """A refused send has no id to be malformed."""
    client.arm("malformed-id")
    assert client.job(contactSourceId=404).status_code == 400


def test_busy(client):
    """The concurrency refusal can be had without concurrency."""
    client.arm("busy")
    answer = client.batch()
    assert (answer.status_code, answer.json()["meta"]["generalErrors"]) == (400, [BUSY])


def test_times_and_skip(client):
    """A fault lets `skip` requests go, strikes `times`, and is spent."""
    client.arm("status", skip=1, times=2, code=500)
    assert [client.batch().status_code for _ in range(4)] == [202, 500, 500, 202]


def test_until_disarmed(client):
    """A fault without a number of times strikes until it is disarmed."""
    client.arm("status", times=None, code=500)
    assert [client.batch().status_code for _ in range(3)] == [500, 500, 500]
    assert [fault["times"] for fault in client.get("/sandbox/faults").json()] == [None]
    assert client.delete("/sandbox/faults").status_code == 204
    assert client.batch().status_code == 202


def test_only_the_named_endpoints(client):
    """A fault strikes the endpoints it names, by default the three that send and nothing else."""
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
    """Each request meets one fault, in the order in which they were armed."""
    client.arm("status", code=500)
    client.arm("html", code=503)
    assert [client.batch().status_code for _ in range(3)] == [500, 503, 202]


def test_the_token_call_can_fail(client):
    """Faults strike the token call where it is named."""
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
    """Settings that make no fault are refused with the reason, and nothing is armed."""
    answer = client.post("/sandbox/faults", json=settings)
    assert (answer.status_code, answer.json().keys()) == (400, {"error", "hint"})
    assert client.get("/sandbox/faults").json() == []


@pytest.mark.parametrize(
    "behaviour",
    [
        {"bussyStatus": 429},
        {"busyStatus": "429"},
        {"concurrency": -1},
        {"errorsIn": "both"},
        {"smsEnabled": 1},
    ],
    ids=["unknown", "text", "negative", "not-a-choice", "not-a-boolean"],
)
def test_bad_switches_are_refused(client, behaviour):
    """A switch that does not exist, or a value that it does not take, is refused and changes nothing."""
    before = client.get("/sandbox/switches").json()
    answer = client.patch("/sandbox/switches", json=behaviour)
    assert answer.status_code == 400
    assert next(iter(behaviour)) in answer.json()["error"]
    assert client.get("/sandbox/switches").json() == before


def test_control_calls_need_json(client):
    """A body that is not JSON is refused by the sandbox's own calls too."""
    assert client.post("/sandbox/faults", content=b"{").status_code == 400
    assert client.get("/sandbox/held", params={"count": "many"}).status_code == 400


def test_waiting_for_held_requests_ends(client):
    """Waiting for more held requests than there are ends with 408."""
    answer = client.get("/sandbox/held", params={"count": 1, "seconds": 0})
    assert (answer.status_code, answer.json()) == (408, {"held": 0})


def test_the_eleventh_request_is_refused(client):
    """Ten requests are let in; the next send and a status call are refused, not queued; then all is well."""
    client.arm("hold", times=10)
    with ThreadPoolExecutor(10) as pool:
        held = [pool.submit(client.batch) for _ in range(10)]
        client.wait_held(10)
        refused = [client.job(), client.status("x"), client.get("/rest/channels/sms/programs")]
        with client.switched(busyStatus=429, busyText="Slow down"):
            slower = client.batch()
        token = client.token()
        assert client.release() == 10
        assert client.stats()["held"] == 0
        codes = [each.result().status_code for each in held]
    assert [answer.status_code for answer in refused] == [400] * 3
    assert [answer.json()["meta"]["generalErrors"] for answer in refused] == [[BUSY]] * 3
    assert (slower.status_code, slower.json()["meta"]["generalErrors"]) == (429, ["Slow down"])
    assert token.status_code == 200
    assert codes == [202] * 10
    assert client.stats()["maxConcurrent"] == 11
    assert client.batch().status_code == 202


def test_a_client_within_the_limit_is_never_refused(client):
    """Ten threads that each wait for their answer stay below the limit however fast they go on."""
    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(lambda _: client.batch().status_code, range(200)))
    assert codes == [202] * 200


def test_one_of_two_equal_names_is_accepted(client):
    """Of ten requests with one name that arrive together, one is accepted."""
    client.arm("hold", times=10)
    with ThreadPoolExecutor(10) as pool:
        held = [pool.submit(client.job, messageName="contested") for _ in range(10)]
        client.wait_held(10)
        client.release()
        codes = sorted(each.result().status_code for each in held)
    assert codes == [201] + [400] * 9


def test_an_abandoned_request_may_still_be_accepted(client):
    """A client that gave up on a held request does not keep it from being accepted once released."""
    before = len(client.received())
    client.arm("hold")
    with pytest.raises(httpx.ReadTimeout):
        client.batch(timeout=httpx.Timeout(20, read=0.2))
    client.wait_held(1)
    client.release()
    while client.stats()["underWay"]:
        pass
    assert accepted_since(client, before) == ["contacts"]
