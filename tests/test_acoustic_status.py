"""The status call: a delivery, a transaction that is not found yet, or an error."""

from __future__ import annotations

import pytest

from sendspec.acoustic import Client, Credentials, FailedContact, NotFoundYet, StatusAnswer
from sendspec.errors import CredentialsError, VendorError, VendorUnavailable
from tests.servers import ScriptedServer, answering, envelope, response

CREDENTIALS = Credentials("an-id", "a-secret", "a-refresh")
GRANT = response(200, {"access_token": "t0ken-1", "token_type": "bearer", "expires_in": 14400})
NOT_FOUND = "Transaction status not found. Please try your request again in a few minutes."


def status_of(*answers, transaction="7c2b-19adfe8c1c2-01"):
    """Return the client's result of one status call, and the requests that it sent."""
    with (
        ScriptedServer((answering(GRANT, *answers),)) as server,
        Client(server.base_url, CREDENTIALS) as client,
    ):
        result = client.status(transaction)
    return result, server.paths()[1:]


def status(total=3, processed=3, contacts=(), errors=()):
    data = {"totalContacts": total, "contactsProcessed": processed}
    return envelope({**data, "contactStatus": list(contacts), "errors": list(errors)})


def test_settled_transaction():
    """The status has totals, failed contacts with identity and masked reason, and the vendor's errors."""
    contacts = [
        {"smsSent": True, "phoneNumber": "12125550100"},
        {"smsSent": False, "phoneNumber": "12125550101", "message": "No consent for 12125550101"},
        {"smsSent": False, "contactId": 12125550102},
        {
            "smsSent": False,
            "contactLookup": [{"value": "x", "name": "EMAIL", "channel": "EMAIL"}],
            "message": "",
        },
        {"smsSent": False, "message": ["odd"]},
    ]
    result, paths = status_of(response(200, status(5, 5, contacts, ["Some contacts failed"])))
    assert result == StatusAnswer(
        total=5,
        processed=5,
        sent=1,
        failed=(
            FailedContact("12125550101", "No consent for 1212•••••01"),
            FailedContact("12125550102", "no reason given"),
            FailedContact('[{"channel": "EMAIL", "name": "EMAIL", "value": "x"}]', "no reason given"),
            FailedContact("", '["odd"]'),
        ),
        errors=("Some contacts failed",),
    )
    assert paths == ["GET /rest/channels/sms/sends/7c2b-19adfe8c1c2-01/status"]
    assert "12125550101" not in repr(result)


def test_a_thousand_contacts():
    """The status of a full batch with reasons fits into the largest answer."""
    contacts = [
        {"smsSent": False, "phoneNumber": f"1212555{number:04}", "message": "No consent. " * 20}
        for number in range(1000)
    ]
    result, _ = status_of(response(200, status(1000, 1000, contacts)))
    assert len(result.failed) == 1000


def test_transaction_in_progress():
    """A transaction in progress has its counts; contacts without a boolean `smsSent` are not counted."""
    result, _ = status_of(response(200, status(3, 1, [{"smsSent": None}, {}, "odd", {"smsSent": True}])))
    assert result == StatusAnswer(3, 1, 1, (), ())


@pytest.mark.parametrize(
    "body",
    [
        envelope(None, [NOT_FOUND]),
        envelope(None, fields={"transactionId": NOT_FOUND.upper()}),
        envelope(NOT_FOUND),
        envelope({"message": NOT_FOUND}),
        status(0, 0, errors=[NOT_FOUND]),
        status(3, 0, errors=[NOT_FOUND]),
        {"data": NOT_FOUND},
        NOT_FOUND,
        NOT_FOUND.encode(),
    ],
    ids=[
        "general",
        "field",
        "data",
        "data map",
        "errors",
        "errors with a total",
        "no meta",
        "string",
        "text",
    ],
)
@pytest.mark.parametrize("code", [200, 404])
def test_not_found_yet(body, code):
    """The vendor's text means "not found yet" in every place of the body."""
    result, _ = status_of(response(code, body))
    assert result == NotFoundYet()


def test_empty_status():
    """A status without contacts means "not found yet", except if it has errors."""
    assert status_of(response(200, status(0, 0)))[0] == NotFoundYet()
    assert status_of(response(200, status(0, 0, errors=["Failure"])))[0] == StatusAnswer(
        0, 0, 0, (), ("Failure",)
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (response(500, envelope(None, ["Failure"])), "answered 500: Failure"),
        (response(502, b"<html>"), "answered 502"),
        (response(200, b"<html>", {"Content-Type": "text/html"}), "text/html"),
        (response(429, envelope(None, ["Too many requests"])), "Too many requests"),
        (response(400, envelope(None, ["Max number of concurrent requests"])), "Max number"),
        (response(302, b"", {"Location": "/elsewhere"}), "answered 302"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "answered 200, but the answer is not usable"),
        (response(500, NOT_FOUND), "answered 500"),
    ],
)
def test_no_status_now(answer, words):
    """An answer that a later call may improve raises VendorUnavailable."""
    with pytest.raises(VendorUnavailable, match=words):
        status_of(answer)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (response(403, envelope(None, ["Forbidden"])), "answered 403: Forbidden"),
        (response(200, envelope({"totalContacts": 3})), "answered 200 without a readable status"),
        (
            response(200, envelope({"totalContacts": "3", "contactsProcessed": 3})),
            "answered 200 without a readable status",
        ),
        (
            response(200, envelope({"totalContacts": True, "contactsProcessed": 0})),
            "answered 200 without a readable status",
        ),
        (
            response(200, envelope({"totalContacts": 1, "contactsProcessed": -1})),
            "answered 200 without a readable status",
        ),
        (response(200, envelope([])), "answered 200 without a readable status"),
    ],
)
def test_no_status_at_all(answer, words):
    """A refusal, or an answer of unknown form, raises a final error."""
    with pytest.raises(VendorError, match=words) as caught:
        status_of(answer)
    assert not isinstance(caught.value, VendorUnavailable)


def test_malformed_lists():
    """The counts are used even if the fields beside them are not lists."""
    odd = envelope({"totalContacts": 2, "contactsProcessed": 1, "contactStatus": {}, "errors": "odd"})
    assert status_of(response(200, odd))[0] == StatusAnswer(2, 1, 0, (), ())


def test_expired_token_is_replaced_once():
    """After a refused token the client requests one new token and repeats the call once."""
    expired = response(401, envelope(None, ["The access token has expired. Token provided was: t0ken-1"]))
    result, paths = status_of(expired, GRANT, response(200, status()))
    assert result == StatusAnswer(3, 3, 0, (), ())
    assert [path.split(" ")[0] for path in paths] == ["GET", "POST", "GET"]
    with pytest.raises(VendorError) as caught:
        status_of(expired, GRANT, expired)
    assert "t0ken-1" not in str(caught.value)


def test_refused_credentials():
    """Without a token the client sends no status call."""
    with (
        ScriptedServer((answering(response(401, {"error": "invalid_client"})),)) as server,
        Client(server.base_url, CREDENTIALS) as client,
        pytest.raises(CredentialsError),
    ):
        client.status("7c2b")
    assert server.paths() == ["POST /oauth/token"]


@pytest.mark.parametrize(
    ("transaction", "quoted"),
    [("a/../../b", "a%2F..%2F..%2Fb"), ("a?b#c", "a%3Fb%23c"), ("a b%2F", "a%20b%252F"), ("é", "%C3%A9")],
)
def test_ids_are_opaque(transaction, quoted):
    """Every id is quoted, so that the call reaches the status of this id only."""
    _, paths = status_of(response(200, status()), transaction=transaction)
    assert paths == [f"GET /rest/channels/sms/sends/{quoted}/status"]
