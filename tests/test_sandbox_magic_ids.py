"""Behaviour settings, the lists of ids, and the list of received requests."""

from __future__ import annotations

import pytest

from sendspec.sandbox import SandboxServer
from tests.sandbox_client import IDENTITY, MESSAGE, SENDS, SandboxClient, error_of


@pytest.fixture(scope="module")
def client():
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        yield client


def test_not_json_text(client):
    """A setting changes the text for a body that is not JSON."""
    with client.behaviour(notJsonText="Bad Request"):
        answer = client.post(SENDS["contacts"], content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, error_of(answer)) == (400, "Bad Request")


def test_place_of_errors(client):
    """A setting moves errors into fieldErrors; the error of an empty qualifier is always there."""
    empty = client.batch(channelQualifier="").json()["meta"]
    assert empty["fieldErrors"] == {"channelQualifier": "Channel qualifier should be present"}
    assert client.batch(content="").json()["meta"]["generalErrors"] == ["SMS content should be present"]
    with client.behaviour(errorsIn="fieldErrors"):
        meta = client.batch(content="").json()["meta"]
    assert (meta["generalErrors"], meta["fieldErrors"]) == ([], {"content": "SMS content should be present"})


def test_sms_not_enabled(client):
    """If SMS is not enabled, every call except the token call is forbidden."""
    with client.behaviour(smsEnabled=False):
        answers = [client.job(), client.batch(), client.batch("external-consent"), client.status("x")]
    assert [(answer.status_code, error_of(answer)) for answer in answers] == [(403, "Forbidden")] * 4


def test_unknown_properties_may_be_ignored(client):
    """A setting permits properties that the API does not document."""
    with client.behaviour(unknownProperties="ignore"):
        assert client.job(extra=1).status_code == 201
        assert client.batch(extra=1).status_code == 202


def test_the_limit_may_count_the_rendered_text(client):
    """A setting applies the limit of 800 characters to the rendered text of each contact."""
    contacts = [{"contactId": "12125550100", "personalization": {"A": "a" * 801}}]
    changes = {"content": "%%A%%", "contacts": contacts}
    assert client.batch(**changes).status_code == 202
    with client.behaviour(limitCounts="rendered"):
        assert error_of(client.batch(**changes)) == "The message exceeded the maximum 800 character limit."


def test_a_closed_catalogue(client):
    """If settings list ids, only those exist, and the list of published messages has them."""
    with client.behaviour(programs=["1"], publishedMessages=["a"], contactSources=["7"]):
        assert client.batch().status_code == 400
        assert client.batch(channelQualifier="1").status_code == 202
        assert client.job(contactSourceId=7).status_code == 400
        assert client.job("a", contactSourceId=8).status_code == 400
        assert client.job("a", contactSourceId=7).status_code == 201
        listed = client.get("/rest/channels/SMS/publishedmessages").json()["data"]
    assert [message["id"] for message in listed] == ["a"]


def test_programs(client):
    """The list of programs has the active one of the samples and the reserved inactive one."""
    data = client.get("/rest/channels/sms/programs").json()["data"]
    assert [(program["id"], program["status"]) for program in data] == [(148372, "ACTIVE"), (410, "INACTIVE")]
    assert data[0].keys() == {
        "id",
        "programName",
        "campaignName",
        "code",
        "senderId",
        "status",
        "type",
        "country",
    }


def test_published_messages_come_in_pages(client):
    """A page has fifty messages; nextPageUrl leads to the rest, and the last page has none."""
    first = client.get("/rest/channels/SMS/publishedmessages").json()
    second = client.get(first["meta"]["nextPageUrl"]).json()
    ids = [message["id"] for page in (first, second) for message in page["data"]]
    assert (len(first["data"]), len(second["data"]), len(set(ids))) == (50, 10, 60)
    assert ids[0] == MESSAGE
    assert second["meta"]["nextPageUrl"] is None
    assert first["data"][0].keys() == {"id", "name", "campaignName", "contactSourceId", "programIds"}


@pytest.mark.parametrize("page", ["x", "-1", "9" * 5000], ids=["text", "negative", "huge"])
def test_bad_pages(client, page):
    """A page that is not a number is refused; a page after the last is empty."""
    answer = client.get("/rest/channels/SMS/publishedmessages", params={"page": page})
    assert (answer.status_code, error_of(answer)) == (400, "Failure")
    assert client.get("/rest/channels/SMS/publishedmessages", params={"page": 9}).json()["data"] == []


def test_other_methods_and_hosts(client):
    """A wrong method gets 405 in the envelope; a host name other than the loopback gets 400."""
    answer = client.get(SENDS["contacts"])
    assert (answer.status_code, error_of(answer)) == (405, "Failure")
    assert client.get("/sandbox/requests", headers={"host": "attacker.example"}).status_code == 400


def test_received_requests_are_listed_in_order(client):
    """Every request that sends is listed with its body, accepted or not."""
    before = len(client.received())
    job = client.job(messageName="listed").json()["data"]["id"]
    client.batch("external-consent", content="")
    client.post(SENDS["contacts"], content=b"{torn", headers={"content-type": "application/json"})
    transaction = client.batch().json()["data"]["id"]
    listed = client.received()[before:]
    assert [
        (request["endpoint"], request["accepted"], request["id"], request["status"]) for request in listed
    ] == [
        ("contact-source", True, job, 201),
        ("external-consent", False, None, 400),
        ("contacts", False, None, 400),
        ("contacts", True, transaction, 202),
    ]
    assert listed[0]["path"] == f"/rest/channels/sms/publishedmessages/{MESSAGE}/sendjobs"
    assert listed[0]["body"] == {"messageName": "listed", "contactSourceId": 4396816}
    assert listed[1]["body"]["contacts"] == [{IDENTITY["external-consent"]: "12125550100"}]
    assert listed[2]["body"] == "{torn"
