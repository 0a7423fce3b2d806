"""The status call: progress, the delivery to each contact, and unknown ids."""

from __future__ import annotations

import pytest

from sendspec.sandbox import SandboxServer
from tests.sandbox_client import SandboxClient

UNKNOWN = "Transaction status not found. Please try your request again in a few minutes."


@pytest.fixture(scope="module")
def client():
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        yield client


def final_status(client, endpoint="contacts", numbers=("12125550100",), **changes):
    """Send a batch, and return its status after all contacts are processed."""
    transaction = client.batch(endpoint, numbers, **changes).json()["data"]["id"]
    with client.behaviour(statusCalls=0):
        answer = client.status(transaction)
    assert answer.status_code == 200
    return answer.json()["data"]


def test_status_progresses(client):
    """A transaction is in progress at the first call and processed at the second."""
    transaction = client.batch(numbers=tuple(f"12125550{n}" for n in range(100, 110))).json()["data"]["id"]
    first, second = (client.status(transaction).json()["data"] for _ in range(2))
    assert (first["totalContacts"], first["contactsProcessed"], len(first["contactStatus"])) == (10, 5, 5)
    assert (second["totalContacts"], second["contactsProcessed"], len(second["contactStatus"])) == (
        10,
        10,
        10,
    )
    assert second["errors"] == []


def test_status_calls(client):
    """A setting sets the number of calls before a transaction is processed, even of one contact."""
    transaction = client.batch().json()["data"]["id"]
    with client.behaviour(statusCalls=3):
        processed = [client.status(transaction).json()["data"]["contactsProcessed"] for _ in range(4)]
    assert processed == [0, 0, 0, 1]


def test_a_new_transaction_may_not_be_known_yet(client):
    """A setting lets the first calls for a transaction answer as for an unknown id."""
    transaction = client.batch().json()["data"]["id"]
    with client.behaviour(unknownCalls=1, statusCalls=0):
        first, second = client.status(transaction), client.status(transaction)
    assert first.json()["meta"]["generalErrors"] == [UNKNOWN]
    assert second.json()["data"]["contactsProcessed"] == 1


def test_unknown_ids_answer_200(client):
    """An unknown id gets 200 with the documented text, in the place that a setting names."""
    general = client.status("nonsense")
    assert (general.status_code, general.json()["meta"]["generalErrors"]) == (200, [UNKNOWN])
    with client.behaviour(unknownStatusIn="errors"):
        assert client.status("nonsense").json()["data"]["errors"] == [UNKNOWN]
    with client.behaviour(unknownStatusIn="data"):
        assert client.status("nonsense").json()["data"] == UNKNOWN


# Each row has a number, and whether it gets a message by contacts and by external-consent.
NUMBERS = [
    ("12125550100", True, True),
    ("12125550179", True, True),
    ("12125550180", False, False),
    ("12125550189", False, False),
    ("12125550190", False, True),
    ("12125550199", False, True),
    ("447700900123", True, True),
    ("447700900850", False, False),
    ("447700900950", False, True),
    ("12", False, False),
    ("not a number", False, False),
]


@pytest.mark.parametrize(
    ("endpoint", "numbers", "sent"),
    [
        ("contacts", [row[0] for row in NUMBERS], [row[1] for row in NUMBERS]),
        ("external-consent", [row[0] for row in NUMBERS], [row[2] for row in NUMBERS]),
    ],
)
def test_refusals_are_only_in_the_status(client, endpoint, numbers, sent):
    """Invalid numbers and, for contacts, missing consent are accepted, and refused in the status."""
    statuses = final_status(client, endpoint, numbers)["contactStatus"]
    assert [status["smsSent"] for status in statuses] == sent
    assert [status.get("contactId") or status.get("phoneNumber") for status in statuses] == numbers
    assert ["message" in status for status in statuses] == [not is_sent for is_sent in sent]


def test_lookups(client):
    """The status of a contact with a lookup has the lookup; one at example.invalid does not exist."""
    lookups = [
        [{"name": "Email", "value": value, "channel": "EMAIL"}]
        for value in ("ann@example.com", "bob@example.invalid")
    ]
    statuses = final_status(client, contacts=[{"contactLookup": lookup} for lookup in lookups])[
        "contactStatus"
    ]
    assert [(status["smsSent"], status["contactLookup"]) for status in statuses] == [
        (True, lookups[0]),
        (False, lookups[1]),
    ]


def test_status_calls_are_not_listed(client):
    """Status calls are not listed among the requests that send."""
    before = len(client.received())
    client.status("nonsense")
    assert len(client.received()) == before
