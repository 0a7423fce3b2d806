"""The status call: progress, what became of each contact, and ids that are not known."""

from __future__ import annotations

import pytest

from sendspec.sandbox import SandboxServer
from tests.sandbox_client import SandboxClient

UNKNOWN = "Transaction status not found. Please try your request again in a few minutes."


@pytest.fixture(scope="module")
def client():
    with SandboxServer() as server, SandboxClient(server.base_url) as client:
        yield client


def settled(client, endpoint="contacts", numbers=("12125550100",), **changes):
    """Send, and give the status once it is settled."""
    transaction = client.batch(endpoint, numbers, **changes).json()["data"]["id"]
    with client.switched(statusCalls=0):
        answer = client.status(transaction)
    assert answer.status_code == 200
    return answer.json()["data"]


def test_status_progresses(client):
    """A transaction is going on at the first call and settled at the second."""
    transaction = client.batch(numbers=tuple(f"12125550{n}" for n in range(100, 110))).json()["data"]["id"]
    going, done = (client.status(transaction).json()["data"] for _ in range(2))
    assert (going["totalContacts"], going["contactsProcessed"], len(going["contactStatus"])) == (10, 5, 5)
    assert (done["totalContacts"], done["contactsProcessed"], len(done["contactStatus"])) == (10, 10, 10)
    assert done["errors"] == []


def test_number_of_calls_is_a_switch(client):
    """A switch says after how many calls a transaction is settled; one contact alone progresses too."""
    transaction = client.batch().json()["data"]["id"]
    with client.switched(statusCalls=3):
        processed = [client.status(transaction).json()["data"]["contactsProcessed"] for _ in range(4)]
    assert processed == [0, 0, 0, 1]


def test_a_new_transaction_may_not_be_known_yet(client):
    """A switch lets the first calls for a transaction answer as for an unknown id."""
    transaction = client.batch().json()["data"]["id"]
    with client.switched(unknownCalls=1, statusCalls=0):
        first, second = client.status(transaction), client.status(transaction)
    assert first.json()["meta"]["generalErrors"] == [UNKNOWN]
    assert second.json()["data"]["contactsProcessed"] == 1


def test_unknown_ids_answer_200(client):
    """An id that is not known gets 200 with the documented text, in the place that a switch says."""
    general = client.status("nonsense")
    assert (general.status_code, general.json()["meta"]["generalErrors"]) == (200, [UNKNOWN])
    with client.switched(unknownStatusIn="errors"):
        assert client.status("nonsense").json()["data"]["errors"] == [UNKNOWN]
    with client.switched(unknownStatusIn="data"):
        assert client.status("nonsense").json()["data"] == UNKNOWN


# number, whether contacts and whether external-consent gets it sent
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
def test_refusals_show_in_the_status_only(client, endpoint, numbers, sent):
    """Invalid numbers and, for contacts, missing consent are accepted first and refused in the status."""
    statuses = settled(client, endpoint, numbers)["contactStatus"]
    assert [status["smsSent"] for status in statuses] == sent
    assert [status.get("contactId") or status.get("phoneNumber") for status in statuses] == numbers
    assert ["message" in status for status in statuses] == [not each for each in sent]


def test_lookups_are_echoed_and_judged(client):
    """A contact given by a lookup is echoed with it; one at example.invalid does not exist."""
    lookups = [
        [{"name": "Email", "value": value, "channel": "EMAIL"}]
        for value in ("ann@example.com", "bob@example.invalid")
    ]
    statuses = settled(client, contacts=[{"contactLookup": lookup} for lookup in lookups])["contactStatus"]
    assert [(status["smsSent"], status["contactLookup"]) for status in statuses] == [
        (True, lookups[0]),
        (False, lookups[1]),
    ]


def test_status_needs_no_body_and_sends_nothing(client):
    """Status calls are not listed among the requests that send."""
    before = len(client.received())
    client.status("nonsense")
    assert len(client.received()) == before
