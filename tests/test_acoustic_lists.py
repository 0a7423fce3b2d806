"""The vendor's lists: entries and pages that are read, and answers that are an error."""

from __future__ import annotations

import json

import pytest

from sendspec.acoustic import Answer, Failure, FailureKind
from sendspec.acoustic.list_answers import read_programs, read_published_messages
from sendspec.errors import VendorBusy, VendorError, VendorUnavailable
from sendspec.model import PublishedMessage, SmsProgram
from sendspec.redact import Redactor
from tests.servers import envelope

REDACTOR = Redactor(("a-secret-of-tests",))
MESSAGE = "c005b0b4-c805-47f9-ae49-2b52831b7662"
NEXT = "https://engage.example/rest/channels/push/publishedmessages?page="


def answer(data, status=200, next_page=None, errors=()):
    document = envelope(data, list(errors))
    document["meta"]["nextPageUrl"] = next_page
    return Answer(status, {"content-type": "application/json"}, json.dumps(document).encode())


def programs(*entries):
    return read_programs(answer(list(entries)), REDACTOR).entries


def messages(*entries):
    return read_published_messages(answer(list(entries)), REDACTOR).entries


def next_page(value):
    pages = [read(answer([], next_page=value), REDACTOR) for read in (read_programs, read_published_messages)]
    assert pages[0] == pages[1]
    return pages[0].next_page


def test_the_samples_of_the_vendor():
    """Ids of programs are numbers, ids of messages are strings, and UK is not a code of ISO 3166."""
    sample = {
        "id": 130366,
        "programName": "vh-nike2",
        "campaignName": "ukcampaign",
        "code": "87767",
        "senderId": "UK-87767",
        "status": "ACTIVE",
        "type": "TEXT_TO_JOIN",
        "country": "UK",
    }
    assert programs(sample) == (SmsProgram("130366", "vh-nike2", "87767", "UK-87767", "GB", active=True),)
    sample = {"id": MESSAGE, "name": "Welcome", "contactSourceId": 320000, "programIds": [123456]}
    assert messages(sample) == (PublishedMessage(MESSAGE, "Welcome", 320000, ("123456",)),)


@pytest.mark.parametrize("status", [None, "", "active", " ACTIVE ", 7])
def test_a_program_is_active_unless_its_status_says_otherwise(status):
    """The vendor documents the list as that of active programs."""
    assert programs({"id": 1, "status": status})[0].active
    assert not programs({"id": 1, "status": "INACTIVE"})[0].active


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"id": "a"}, PublishedMessage("a")),
        ({"id": "a", "contactSourceId": "17", "programIds": 5}, PublishedMessage("a", "", 17, ("5",))),
        ({"id": "a", "contactSourceId": 0, "programIds": None}, PublishedMessage("a")),
        ({"id": "a", "programIds": "5, 6"}, PublishedMessage("a", program_ids=("5", "6"))),
        (
            {"id": "a", "contactSourceId": -1, "programIds": [None, True, "u-1"]},
            PublishedMessage("a", "", None, ("u-1",)),
        ),
        ({"id": "a", "name": {"x": 1}, "contactSourceId": 1.5}, PublishedMessage("a")),
    ],
)
def test_odd_properties_of_a_message(entry, message):
    """A property that is missing or has another type is not known; several notations of an id are read."""
    assert messages(entry) == (message,)


def test_text_of_the_vendor_is_masked_and_short():
    """Secrets, numbers, control characters and long names do not get into the catalog."""
    (program,) = programs(
        {
            "id": 1,
            "programName": "Call +1 212 555 0123\x1b[2J\n a-secret-of-tests ann@example.com " + "x" * 200,
            "code": "12125550123",
            "country": "US\x1b",
        }
    )
    assert program.name.startswith("Call +1212•••••23[2J [secret] [email] xxx")
    assert len(program.name) == 80
    assert (program.code, program.country) == ("1212•••••23", "")


@pytest.mark.parametrize(
    "entry", ["x", None, {}, {"id": None}, {"id": True}, {"id": " "}, {"id": "a\n"}, {"id": "x" * 300}]
)
def test_an_entry_without_an_id_is_an_error(entry):
    """It could be the one that a send names, so it is not left out."""
    with pytest.raises(VendorError, match="has no usable id") as caught:
        programs({"id": 1}, entry)
    assert not isinstance(caught.value, VendorUnavailable)


@pytest.mark.parametrize(
    ("value", "page"),
    [
        (None, None),
        ("", None),
        (NEXT + "2", 2),
        ("/rest/channels/SMS/publishedmessages?page=3", 3),
        ("?page=4&x=page", 4),
        ("http://127.0.0.1:1/elsewhere?page=5#page=9", 5),
    ],
)
def test_only_the_number_of_the_next_page_is_read(value, page):
    """Host, path and other parameters of nextPageUrl have no effect."""
    assert next_page(value) == page


@pytest.mark.parametrize(
    "value",
    [
        "https://engage.example/next",
        NEXT,
        NEXT + "two",
        NEXT + "-2",
        NEXT + "2%0d%0aX:1",
        NEXT + "٢",
        NEXT + "9999999",
        NEXT + "2&page=3",
        "https://[::1?page=2",
        NEXT + "2&x=" + "x" * 3000,
        2,
        ["?page=2"],
    ],
)
def test_a_next_page_without_a_number_is_an_error(value):
    """A list that goes on somewhere is never taken for a complete one."""
    with pytest.raises(VendorError, match="names the next page of a list without its number"):
        next_page(value)


@pytest.mark.parametrize(
    ("received", "error", "words"),
    [
        (Failure(FailureKind.BROKEN, "no answer"), VendorUnavailable, "SMS programs: no answer"),
        (Answer(200, {}, b"<html>"), VendorUnavailable, "not in the vendor's form"),
        (Answer(200, {}, b'{"data": []}'), VendorUnavailable, "not in the vendor's form"),
        (Answer(302, {"location": "http://x.example"}, b""), VendorUnavailable, "answered 302"),
        (answer(None, 500, errors=["down"]), VendorUnavailable, "answered 500: down"),
        (answer(None, 429, errors=["slow down"]), VendorUnavailable, "answered 429: slow down"),
        (answer(None, 400, errors=["Max number of concurrent requests reached"]), VendorBusy, "Max number"),
        (answer(None, 403, errors=["Forbidden"]), VendorError, "answered 403: Forbidden"),
        (answer(None), VendorError, "answered 200 without a list"),
        (answer({"id": 1}), VendorError, "answered 200 without a list"),
        (answer([], errors=["partial"]), VendorError, "answered 200: partial"),
    ],
)
def test_answers_without_a_list(received, error, words):
    """An answer that a later call may improve is distinguished from a refusal; neither is an empty list."""
    with pytest.raises(VendorError, match=words) as caught:
        read_programs(received, REDACTOR)
    assert type(caught.value) is error
