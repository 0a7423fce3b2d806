"""The sandbox answers as the API documents it: every row of both answer tables, over real HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sendspec.sandbox import SandboxServer
from tests.sandbox_client import MESSAGE, META, SENDS, SandboxClient, error_of


@pytest.fixture(scope="module")
def client():
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        yield client


# Each row has changes to a valid request to a contact source, and the answer of the API.
JOB_ROWS = {
    "source-not-enabled": ({"contactSourceId": 400}, 400, "Contact source 400is not enabled for SMS."),
    "source-unknown": ({"contactSourceId": 404}, 400, "Contact source ID 404 does not exist."),
    "source-zero": ({"contactSourceId": 0}, 400, "Contact source ID 0 does not exist."),
    "source-of-another-org": ({"contactSourceId": 403}, 400, "Contact source access denied"),
    "message-unknown": ({"message": "404"}, 400, "Unable to find published DeliveryDraft with contentId 404"),
    "message-unknown-uuid": (
        {"message": "00000000-0000-0000-0000-000000000404"},
        400,
        "Unable to find published DeliveryDraft with contentId 00000000-0000-0000-0000-000000000404",
    ),
    "message-of-another-org": ({"message": "403"}, 403, "Forbidden"),
    "name-all-spaces": ({"messageName": "   "}, 400, "Invalid message name"),
    "name-empty": ({"messageName": ""}, 400, "Invalid message name"),
    "system-name-long": (
        {"externalSystemName": "n" * 2001},
        400,
        "Length of External System Name cannot exceed 2000 characters.",
    ),
    "reference-long": (
        {"externalSystemReferenceId": "r" * 2001},
        400,
        "Length of External System RefrenceId cannot exceed 2000 characters.",
    ),
    "name-missing": ({"messageName": None}, 400, "Failure"),
    "date-without-offset": ({"scheduledDate": "2026-12-01T14:00:00"}, 400, "Failure"),
    "date-not-a-date": ({"scheduledDate": "tomorrow"}, 400, "Failure"),
    "hours-not-a-number": ({"preBlockingHours": "4"}, 400, "Failure"),
    "unknown-property": ({"mesageName": "x"}, 400, "Failure"),
}

# Each row has changes to a valid request with contacts, for both endpoints, and the answer of the API.
BATCH_ROWS: dict[str, tuple[dict[str, Any], int, str]] = {
    "tag-unmatched": ({"content": "Hi %%NAME%%"}, 400, "Wrong personalization tags NAME"),
    "tag-of-another-case": (
        {"content": "Hi %%NAME%%", "personalizationDefaults": {"Name": "there"}},
        400,
        "Wrong personalization tags NAME",
    ),
    "program-unknown": (
        {"channelQualifier": "404"},
        400,
        "SMS Program is inactive or not found with identifier 404.",
    ),
    "program-inactive": (
        {"channelQualifier": "410"},
        400,
        "SMS Program is inactive or not found with identifier 410.",
    ),
    "qualifier-empty": ({"channelQualifier": ""}, 400, "Channel qualifier should be present"),
    "qualifier-missing": ({"channelQualifier": None}, 400, "Channel qualifier should be present"),
    "content-long": ({"content": "c" * 801}, 400, "The message exceeded the maximum 800 character limit."),
    "content-empty": ({"content": ""}, 400, "SMS content should be present"),
    "content-missing": ({"content": None}, 400, "SMS content should be present"),
    "content-id-unknown": (
        {"contentId": "404"},
        400,
        "Unable to find published DeliveryDraft with contentId 404",
    ),
    "no-contacts": (
        {"contacts": []},
        400,
        "Contacts must contain at least 1 contact and cannot exceed more than 1000 contacts.",
    ),
    "contacts-missing": (
        {"contacts": None},
        400,
        "Contacts must contain at least 1 contact and cannot exceed more than 1000 contacts.",
    ),
    "too-many-contacts": (
        {"numbers": ("12125550100",) * 1001},
        400,
        "Contacts must contain at least 1 contact and cannot exceed more than 1000 contacts.",
    ),
    "contact-without-identity": (
        {"contacts": [{"personalization": {"NAME": "Ann"}}]},
        400,
        "Contact information is empty. Please provide contact identifier or lookup keys.",
    ),
    "contact-with-empty-number": (
        {"numbers": ("",)},
        400,
        "Contact information is empty. Please provide contact identifier or lookup keys.",
    ),
    "content-not-a-string": ({"content": 5}, 400, "Bad request"),
    "value-not-a-string": ({"contacts": [{"personalization": {"AGE": 5}}]}, 400, "Bad request"),
    "defaults-not-strings": ({"personalizationDefaults": {"AGE": 5}}, 400, "Bad request"),
    "contact-not-an-object": ({"contacts": ["12125550100"]}, 400, "Bad request"),
    "unknown-property": ({"contnt": "x"}, 400, "Bad request"),
    "unknown-contact-property": ({"contacts": [{"contactid": "12125550100"}]}, 400, "Bad request"),
}


@pytest.mark.parametrize(("changes", "status", "text"), JOB_ROWS.values(), ids=JOB_ROWS)
def test_contact_source_row(client, changes, status, text):
    """Each documented refusal of a contact-source request has its status and exact text."""
    answer = client.job(**changes)
    assert (answer.status_code, error_of(answer)) == (status, text)


@pytest.mark.parametrize("endpoint", SENDS)
@pytest.mark.parametrize(("changes", "status", "text"), BATCH_ROWS.values(), ids=BATCH_ROWS)
def test_contacts_row(client, endpoint, changes, status, text):
    """Each documented refusal of a request with contacts has its status and exact text."""
    answer = client.batch(endpoint, **changes)
    assert (answer.status_code, error_of(answer)) == (status, text)


def test_every_documented_refusal_has_a_row():
    """Every refusal text of the sandbox has a request in the tables that gets it over HTTP."""
    texts = re.sub(r"\s+", " ", "".join(row[2] for row in [*JOB_ROWS.values(), *BATCH_ROWS.values()]))
    from sendspec.sandbox.error_messages import Refusal  # noqa: PLC0415 - only this test uses an inner module

    elsewhere = {Refusal.NAME_TAKEN, Refusal.TOKEN_EXPIRED}
    for refusal in set(Refusal) - elsewhere:
        assert re.search(re.sub(r"\\{\w+\\}", ".+", re.escape(refusal.value.message)), texts), refusal


@pytest.mark.parametrize("name", ["plain", " edged ", "späße & <odd> 🎉", "slash/and\\more"])
def test_odd_names_are_accepted(client, name):
    """A name with outer spaces or characters that the UI refuses gets 201, a location and a numeric id."""
    answer = client.job(messageName=name)
    assert answer.status_code == 201
    document = answer.json()
    assert document["meta"] == META
    assert isinstance(document["data"]["id"], int)
    assert document["data"]["location"].endswith(f"/sendjobs/{document['data']['id']}")


def test_names_are_unique_to_the_byte(client):
    """The same name is refused with the name in the text; a trailing space makes another name."""
    assert client.job(messageName="Sale").status_code == 201
    assert client.job(messageName="Sale ").status_code == 201
    again = client.job(messageName="Sale")
    assert (again.status_code, error_of(again)) == (400, "A SMS with the name: Sale already exists")


def test_a_refused_name_stays_free(client):
    """A name stays free if its request was refused for another reason."""
    assert client.job(messageName="later", contactSourceId=404).status_code == 400
    assert client.job(messageName="later").status_code == 201


@pytest.mark.parametrize("path", ["//sendjobs", "/sendjobs"], ids=["empty", "missing"])
def test_no_id_in_the_path(client, path):
    """A contact-source request without an id in its path gets 404 and an empty body."""
    answer = client.post(f"/rest/channels/sms/publishedmessages{path}", json={"messageName": "x"})
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_job_is_not_readable(client):
    """A send job has no GET, although its location names one."""
    job = client.job().json()["data"]["id"]
    answer = client.get(f"/rest/channels/sms/publishedmessages/{MESSAGE}/sendjobs/{job}")
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("endpoint", SENDS)
def test_batch_is_accepted(client, endpoint):
    """A valid request with contacts gets 202, a location on another host and an id of the documented form."""
    answer = client.batch(endpoint, tuple(f"12125550{number}" for number in range(100, 200)) * 10)
    assert answer.status_code == 202
    data = answer.json()["data"]
    assert re.fullmatch(r"[0-9a-f]{1,8}-[0-9a-f]{11}-[0-9a-f]{32}", data["id"])
    assert data["location"] == f"http://api.example.invalid/rest/channels/sms/sends/{data['id']}/status"


ACCEPTED = {
    "number-as-a-number": {"contacts": [{"contactId": 12125550100}]},
    "lookup": {
        "contacts": [{"contactLookup": [{"name": "Email", "value": "a@example.com", "channel": "EMAIL"}]}]
    },
    "content-at-the-limit": {"content": "c" * 800},
    "content-id-wins": {"contentId": MESSAGE, "content": "c" * 900},
    "tag-filled-by-default": {"content": "Hi %%A%%", "personalizationDefaults": {"A": "there"}},
    "tag-filled-inline": {
        "content": "Hi %%A%%",
        "contacts": [{"contactId": "12125550100", "personalization": {"A": "Ann"}}],
    },
    "tag-filled-by-the-database": {"content": "Hi %%EMAIL%%"},
    "every-property": {
        "source": "test",
        "ttlInMinutes": 60,
        "campaignName": "Spring",
        "characterSwapEnabled": True,
        "personalizationDefaults": {},
    },
}


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED)
def test_contacts_accepts(client, changes):
    """The endpoint contacts accepts every request that the API documents as valid."""
    assert client.batch("contacts", **changes).status_code == 202


EXTERNAL_REFUSED = {
    "contact-id": {"contacts": [{"contactId": "12125550100"}]},
    "database-field": {"content": "Hi %%EMAIL%%"},
    "half-a-lookup": {"contacts": [{"contactLookup": [{"name": "Email", "value": "a@example.com"}]}]},
}


@pytest.mark.parametrize("changes", EXTERNAL_REFUSED.values(), ids=EXTERNAL_REFUSED)
def test_external_consent_refuses(client, changes):
    """The endpoint external-consent accepts phone numbers only, and has no fields of the database."""
    assert client.batch("external-consent", **changes).status_code == 400


def test_a_tag_must_be_filled_for_every_contact(client):
    """If one contact has no value for a tag, the whole batch is refused."""
    contacts = [{"contactId": "12125550100", "personalization": {"A": "Ann"}}, {"contactId": "12125550101"}]
    answer = client.batch(content="Hi %%A%% %%B%%", contacts=contacts, personalizationDefaults={"B": "b"})
    assert error_of(answer) == "Wrong personalization tags A"


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"", "application/json"),
        (b"{}", "text/plain"),
    ],
    ids=["torn", "list", "empty", "other-type"],
)
def test_not_json(client, raw, content_type):
    """A body that is not a JSON object gets "Bad request" with contacts, "Failure" for a contact source."""
    headers = {"content-type": content_type}
    for path in SENDS.values():
        answer = client.post(path, content=raw, headers=headers)
        assert (answer.status_code, error_of(answer)) == (400, "Bad request")
    job = client.post(
        f"/rest/channels/sms/publishedmessages/{MESSAGE}/sendjobs", content=raw, headers=headers
    )
    assert (job.status_code, error_of(job)) == (400, "Failure")
