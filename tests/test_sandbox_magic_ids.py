"""Behaviour settings, the lists of ids, and the list of received requests."""

from __future__ import annotations

import httpx
import pytest

from sendspec.sandbox import Behaviour, NamedIds, SandboxServer, catalog
from sendspec.sandbox.error_messages import Refused
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
    """A page has fifty messages; the path of nextPageUrl leads to the rest, and the last page has none."""
    first = client.get("/rest/channels/SMS/publishedmessages").json()
    next_page = httpx.URL(first["meta"]["nextPageUrl"])
    assert next_page.host == "api.example.invalid"  # As in the vendor's sample, it is not the called host.
    second = client.get(next_page.raw_path.decode()).json()
    ids = [message["id"] for page in (first, second) for message in page["data"]]
    assert (len(first["data"]), len(second["data"]), len(set(ids))) == (50, 10, 60)
    assert ids[0] == MESSAGE
    assert second["meta"]["nextPageUrl"] is None
    assert first["data"][0].keys() == {"id", "name", "campaignName", "contactSourceId", "programIds"}


def is_accepted(require, identifier, behaviour):
    """Return whether the sandbox accepts an id in a request."""
    try:
        require(identifier, behaviour)
    except Refused:
        return False
    return True


UUID = "c005b0b4-c805-47f9-ae49-2b52831b7662"
IDS = ("1", "007", "404", "410", "x", " 7", UUID, MESSAGE, "00000000-0000-0000-0000-000000000404", "9" * 40)


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(),
        Behaviour(programs=("1", "404", UUID), published_messages=("x", UUID, "403")),
        Behaviour(
            programs=({"id": 1, "status": "INACTIVE"}, {"id": "007", "country": "FR"}, "410"),
            published_messages=({"id": "x", "programIds": None},),
        ),
    ],
    ids=["open", "closed", "with properties"],
)
def test_the_lists_have_exactly_the_accepted_ids(behaviour):
    """An id that a project names is listed as active if, and only if, the sandbox accepts it."""
    named = NamedIds(IDS, IDS)
    active = {
        str(program["id"]) for program in catalog.programs(behaviour, named) if program["status"] == "ACTIVE"
    }
    messages = {message["id"] for message in catalog.published_messages(behaviour, named)}
    for identifier in IDS:
        assert (identifier in active) == is_accepted(catalog.require_program, identifier, behaviour)
        is_message = is_accepted(catalog.require_published_message, identifier, behaviour)
        assert (identifier in messages) == is_message


def test_entries_with_properties(client):
    """An entry of a setting may be an object, whose properties replace those of the list."""
    program = {"id": 77, "programName": "Alerts", "country": "FR"}
    with client.behaviour(programs=["1", program], publishedMessages=[{"id": UUID, "contactSourceId": None}]):
        listed = client.get("/rest/channels/sms/programs").json()["data"]
        messages = client.get("/rest/channels/SMS/publishedmessages").json()["data"]
        assert client.batch(channelQualifier="77").status_code == 202
    assert [(each["id"], each["programName"], each["country"]) for each in listed] == [
        (1, "Program 1", "US"),
        (77, "Alerts", "FR"),
        (410, "Program 410", "US"),
    ]
    assert [(each["contactSourceId"], each["programIds"]) for each in messages] == [(None, [1, 77])]


@pytest.mark.parametrize("entry", [{}, {"id": []}, {"id": 1, "nam": "x"}])
def test_bad_entries(client, entry):
    """An entry without an id, or with an unknown property, is refused."""
    answer = client.patch("/sandbox/behaviour", json={"programs": [entry]})
    assert (answer.status_code, answer.json()["error"]) == (400, "an entry of 'programs' is not valid")


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
