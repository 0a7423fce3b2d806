"""Phone numbers in texts: what is a number, and what is an id, a date or a price."""

from __future__ import annotations

import pytest

from sendspec.phone import numbers_in_text
from sendspec.repository_texts import RepositoryText, may_have_number, survey_texts

NUMBERS = {
    "call +1 212 736 5000": (5, "12127365000"),
    "(917) 736-5000": (0, "19177365000"),
    "917-736-5000.": (0, "19177365000"),
    "917.736.5000, or later": (0, "19177365000"),
    "1-917-736-5000": (0, "19177365000"),
    "tel:+49 1512 3456789": (4, "4915123456789"),
    "+447911123456": (0, "447911123456"),
    "- {phoneNumber: '19492319304'}": (17, "19492319304"),
    "- {contactId: 447911123456, x: 1}": (14, "447911123456"),
    '{"mobile_phone": "+33 6 12 34 56 78"}': (18, "33612345678"),
    "phone: 9177365000": (7, "19177365000"),
    "phone: 4791234567": (7, "4791234567"),
    "# call 212-736-5000": (7, "12127365000"),
    "# call 0171 2345678": (7, "491712345678"),
    "Handy: 0171/2345678": (7, "491712345678"),
    "# Ann, mobile 07911 123456": (14, "447911123456"),
    "call Ann 07911 123456": (9, "447911123456"),
    "telefon: -Annemarieann - 0171 2345678": (25, "491712345678"),
    "portable : 06 12 34 56 78": (11, "33612345678"),
    "support_phone: +33 6 12 34 56 78": (15, "33612345678"),
}
HARMLESS = (
    "contactSourceId: 4396816",
    'program: "148372"',
    'channelQualifier: "19492319304"',
    "publishedMessageId: e3c3d1ea-e54b-458d-b32b-18a99f63b58c",
    'scheduledDate: "2026-12-01T14:00:00-05:00"',
    "externalSystemReferenceId: 4915123456789",
    "price: +1000000000, +12.50, 1 949 231 USD",
    "order 19492319304, invoice 212-7365000-1, ref ABC-212-736-5000",
    "https://acme.example/t?id=12127365000&tel=212-736-5000",
    "https://acme.example/212-736-5000/x and a@212-736-5000.example",
    "version 212.736.5000.1 and 1.212.736.5000",
    "2026-11-27 12:00:00 +0100, 27.11.2026 14.30.00, 20261127120000",
    "IBAN DE89 3704 0044 0532 0130 00, card 4111 1111 1111 1111",
    "ISBN 978-3-16-148410-0, SSN 212-73-5000, ZIP 10001-1234",
    "192.168.100.200, 51.507351 -0.127758, 40.7127-74.0059",
    "555-0100, +1 212 555 0123, 212-555-0199, +44 7700 900123, +44 20 7946 0958",
    "1-800-275-2273, (888) 275-2273, +44 800 123 4567",
    "phone: 425-555-5555, mobile: 6465550101, contactId: 2125550123",
    "columns: {contactId: phone, personalization: {PHONE: mobile}}",
    "audience: {countries: [US, CA], size: 1200000}",
    "phone: 0171-1234567",
    "order 0171 2345678, invoice 07911 123456, ref. 0612345678",
    "mobile 07700 900123, call 0800 123 4567, handy 01.02.2026, tel 0000 000000",
    "mobile-id-07911123456x, recall 07911 123456, call 07911 123456-1",
)


@pytest.mark.parametrize("text", NUMBERS)
def test_spellings_of_numbers_are_found(text):
    """A number has the offset of its first character, and its digits have the country code."""
    assert list(numbers_in_text(text)) == [NUMBERS[text]]
    assert may_have_number(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_ids_dates_and_prices_are_not_numbers(text):
    """Nothing in it is reported: ids, dates, prices, URLs, reserved and toll-free numbers."""
    assert list(numbers_in_text(text)) == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_list_is_read_by_its_header(delimiter):
    """Columns whose header names a phone have numbers; other columns have ids."""
    rows = [["order", "Mobile phone", "name"], ["19492319304", "+49 1512 3456789", "Ann"]]
    rows += [["447911123456", '"447911123456"', "Bo"], ["1", "447700900123", "Cy"], ["2"], ["3", "x", ""]]
    text = "\n".join(delimiter.join(row) for row in rows)
    found = survey_texts([RepositoryText("old.csv", text)], {}).numbers
    assert [(str(number.location), number.digits) for number in found] == [
        ("old.csv:2:13", "4915123456789"),
        ("old.csv:3:15", "447911123456"),
    ]


@pytest.mark.parametrize(
    "header", ["contact_id", "cell", "Handy", "Telefon", "téléphone", "celular", "móvil"]
)
def test_a_list_needs_no_other_sign_of_a_number(header):
    """The header is enough, although nothing else looks like a number: digits alone may be ids."""
    (found,) = survey_texts([RepositoryText("old.csv", f"name,{header}\nBo,19177365000\n")], {}).numbers
    assert found.digits == "19177365000"


def test_an_untracked_text_has_no_numbers():
    """A number in a file that git does not track is not in the repository."""
    text = RepositoryText("a.yaml", "# +1 212 736 5000", is_tracked=False)
    assert survey_texts([text], {}).numbers == ()


@pytest.mark.parametrize(
    "unit", ["917-736-5000 ", "800-275-2273 ", "+1 ", "phone: 1-", "(((+1", "eyJ-", "a_b_secret_"]
)
def test_a_hostile_text_has_a_limit(unit):
    """A text of one long line is searched once, and at most a thousand of its numbers are checked."""
    facts = survey_texts([RepositoryText("a.md", unit * (100_000 // len(unit)) + "phone")], {})
    assert len(facts.numbers) == (1_000 if unit.startswith("917") else 0)
