"""The sandbox answers as the API is documented to: every row of both answer tables, over real HTTP."""

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


# What is changed in a sound request to a contact source, and what the API then answers.
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

# What is changed in a sound request with contacts, whichever of the two it is, and the API's answer.
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
    """Each documented refusal of a contact-source request comes with its status and exact text."""
    answer = client.job(**changes)
    assert (answer.status_code, error_of(answer)) == (status, text)


@pytest.mark.parametrize("endpoint", SENDS)
@pytest.mark.parametrize(("changes", "status", "text"), BATCH_ROWS.values(), ids=BATCH_ROWS)
def test_contacts_row(client, endpoint, changes, status, text):
    """Each documented refusal of a request with contacts comes with its status and exact text."""
    answer = client.batch(endpoint, **changes)
    assert (answer.status_code, error_of(answer)) == (status, text)


def test_every_documented_refusal_has_a_row():
    """No refusal text of the sandbox is left without a request that gets it over HTTP."""
    source = re.sub(r"\s+", " ", "".join(row[2] for row in [*JOB_ROWS.values(), *BATCH_ROWS.values()]))
    from sendspec.sandbox.error_messages import Refusal  # noqa: PLC0415 - nothing else here looks inside

    elsewhere = {Refusal.NAME_TAKEN, Refusal.TOKEN_EXPIRED}
    for refusal in set(Refusal) - elsewhere:
        assert re.search(re.sub(r"\\{\w+\\}", ".+", re.escape(refusal.value.message)), source), refusal


@pytest.mark.parametrize("name", ["plain", " edged ", "späße & <odd> 🎉", "slash/and\\more"])
def test_odd_names_are_accepted(client, name):
    """A name with edge spaces or characters that the UI refuses gets 201, a location and a numeric id."""
    answer = client.job(messageName=name)
    assert answer.status_code == 201
    document = answer.json()
    assert document["meta"] == META
    assert isinstance(document["data"]["id"], int)
    assert document["data"]["location"].endswith(f"/sendjobs/{document['data']['id']}")


def test_names_are_unique_to_the_byte(client):
    """The same name is refused with it in the text; with a space at its end it is another name."""
    assert client.job(messageName="Sale").status_code == 201
    assert client.job(messageName="Sale ").status_code == 201
    again = client.job(messageName="Sale")
    assert (again.status_code, error_of(again)) == (400, "A SMS with the name: Sale already exists")


def test_a_refused_name_stays_free(client):
    """A name whose request was refused for another reason can still be used."""
    assert client.job(messageName="later", contactSourceId=404).status_code == 400
    assert client.job(messageName="later").status_code == 201


@pytest.mark.parametrize("path", ["//sendjobs", "/sendjobs"], ids=["empty", "missing"])
def test_no_id_in_the_path(client, path):
    """A contact-source request without an id in its path gets 404 and an empty body."""
    answer = client.post(f"/rest/channels/sms/publishedmessages{path}", json={"messageName": "x"})
    assert (answer.status_code, answer.content) == (404, b"")


def test_there_is_no_job_to_get(client):
    """A send job cannot be read, although its location points at one."""
    job = client.job().json()["data"]["id"]
    answer = client.get(f"/rest/channels/sms/publishedmessages/{MESSAGE}/sendjobs/{job}")
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("endpoint", SENDS)
def test_batch_is_accepted(client, endpoint):
    """A sound request with contacts gets 202, a location elsewhere and an id of the documented shape."""
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
    """What the API documents as sound is accepted by the endpoint for contacts."""
    assert client.batch("contacts", **changes).status_code == 202


EXTERNAL_REFUSED = {
    "contact-id": {"contacts": [{"contactId": "12125550100"}]},
    "database-field": {"content": "Hi %%EMAIL%%"},
    "half-a-lookup": {"contacts": [{"contactLookup": [{"name": "Email", "value": "a@example.com"}]}]},
}


@pytest.mark.parametrize("changes", EXTERNAL_REFUSED.values(), ids=EXTERNAL_REFUSED)
def test_external_consent_refuses(client, changes):
    """External consent knows phone numbers only, and no fields of the database."""
    assert client.batch("external-consent", **changes).status_code == 400


def test_a_tag_must_be_filled_for_every_contact(client):
    """One contact without the value refuses the whole batch."""
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
    """A body that is not a JSON object is a bad request with contacts, a failure to a contact source."""
    headers = {"content-type": content_type}
    for path in SENDS.values():
        answer = client.post(path, content=raw, headers=headers)
        assert (answer.status_code, error_of(answer)) == (400, "Bad request")
    job = client.post(
        f"/rest/channels/sms/publishedmessages/{MESSAGE}/sendjobs", content=raw, headers=headers
    )
    assert (job.status_code, error_of(job)) == (400, "Failure")
