"""What the sandbox leaves to switches, what it lists, and what it tells of the requests it received."""

from __future__ import annotations

import pytest

from sendspec.sandbox import SandboxServer
from tests.sandbox_client import IDENTITY, MESSAGE, SENDS, SandboxClient, error_of


@pytest.fixture(scope="module")
def client():
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        yield client


def test_the_text_for_what_is_not_json_is_a_switch(client):
    """The other spelling of the text that has been seen can be had."""
    with client.switched(notJsonText="Bad Request"):
        answer = client.post(SENDS["contacts"], content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, error_of(answer)) == (400, "Bad Request")


def test_errors_stand_where_the_switch_says(client):
    """Errors are general by default, an empty qualifier is always a field's, and a switch moves the rest."""
    empty = client.batch(channelQualifier="").json()["meta"]
    assert empty["fieldErrors"] == {"channelQualifier": "Channel qualifier should be present"}
    assert client.batch(content="").json()["meta"]["generalErrors"] == ["SMS content should be present"]
    with client.switched(errorsIn="fieldErrors"):
        meta = client.batch(content="").json()["meta"]
    assert (meta["generalErrors"], meta["fieldErrors"]) == ([], {"content": "SMS content should be present"})


def test_sms_not_enabled(client):
    """Without SMS for the organisation or the user every call but the token's is forbidden."""
    with client.switched(smsEnabled=False):
        answers = [client.job(), client.batch(), client.batch("external-consent"), client.status("x")]
    assert [(answer.status_code, error_of(answer)) for answer in answers] == [(403, "Forbidden")] * 4


def test_unknown_properties_may_be_ignored(client):
    """A switch lets properties pass that the API does not document."""
    with client.switched(unknownProperties="ignore"):
        assert client.job(extra=1).status_code == 201
        assert client.batch(extra=1).status_code == 202


def test_the_limit_may_count_the_rendered_text(client):
    """A switch lets the 800 characters count after substitution, for the longest contact."""
    contacts = [{"contactId": "12125550100", "personalization": {"A": "a" * 801}}]
    changes = {"content": "%%A%%", "contacts": contacts}
    assert client.batch(**changes).status_code == 202
    with client.switched(limitCounts="rendered"):
        assert error_of(client.batch(**changes)) == "The message exceeded the maximum 800 character limit."


def test_a_closed_catalogue(client):
    """With ids listed in the switches only those exist, and the lists show them."""
    with client.switched(programs=["1"], publishedMessages=["a"], contactSources=["7"]):
        assert client.batch().status_code == 400
        assert client.batch(channelQualifier="1").status_code == 202
        assert client.job(contactSourceId=7).status_code == 400
        assert client.job("a", contactSourceId=8).status_code == 400
        assert client.job("a", contactSourceId=7).status_code == 201
        listed = client.get("/rest/channels/SMS/publishedmessages").json()["data"]
    assert [message["id"] for message in listed] == ["a"]


def test_programs(client):
    """The program of the samples is listed as active, and the reserved inactive one as such."""
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
    """Fifty messages a page; following nextPageUrl gives the rest, and the last page has none."""
    first = client.get("/rest/channels/SMS/publishedmessages").json()
    second = client.get(first["meta"]["nextPageUrl"]).json()
    ids = [message["id"] for page in (first, second) for message in page["data"]]
    assert (len(first["data"]), len(second["data"]), len(set(ids))) == (50, 10, 60)
    assert ids[0] == MESSAGE
    assert second["meta"]["nextPageUrl"] is None
    assert first["data"][0].keys() == {"id", "name", "campaignName", "contactSourceId", "programIds"}


@pytest.mark.parametrize("page", ["x", "-1", "9" * 5000], ids=["text", "negative", "huge"])
def test_pages_that_are_none(client, page):
    """A page that is no number is refused; one behind the last is empty."""
    answer = client.get("/rest/channels/SMS/publishedmessages", params={"page": page})
    assert (answer.status_code, error_of(answer)) == (400, "Failure")
    assert client.get("/rest/channels/SMS/publishedmessages", params={"page": 9}).json()["data"] == []


def test_other_methods_and_hosts(client):
    """A wrong method gets 405 in the envelope; a request to a name that is not the loopback's, none of it."""
    answer = client.get(SENDS["contacts"])
    assert (answer.status_code, error_of(answer)) == (405, "Failure")
    assert client.get("/sandbox/requests", headers={"host": "attacker.example"}).status_code == 400


def test_what_was_received_is_listed_in_order(client):
    """Every request to a sending endpoint is listed with its body, accepted or not."""
    before = len(client.received())
    job = client.job(messageName="listed").json()["data"]["id"]
    client.batch("external-consent", content="")
    client.post(SENDS["contacts"], content=b"{torn", headers={"content-type": "application/json"})
    transaction = client.batch().json()["data"]["id"]
    listed = client.received()[before:]
    assert [(each["endpoint"], each["accepted"], each["id"], each["status"]) for each in listed] == [
        ("contact-source", True, job, 201),
        ("external-consent", False, None, 400),
        ("contacts", False, None, 400),
        ("contacts", True, transaction, 202),
    ]
    assert listed[0]["path"] == f"/rest/channels/sms/publishedmessages/{MESSAGE}/sendjobs"
    assert listed[0]["body"] == {"messageName": "listed", "contactSourceId": 4396816}
    assert listed[1]["body"]["contacts"] == [{IDENTITY["external-consent"]: "12125550100"}]
    assert listed[2]["body"] == "{torn"
