"""Redaction: what it masks, and what it must not change."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sendspec.redact import MASK, Redactor, mask_note, mask_number


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("12125550123", "1212•••••23"),
        ("+1 (212) 555-0123", "1212•••••23"),
        ("447700900123", "4477••••••23"),
        ("5550123", "•••••••"),
        ("", "•"),
    ],
)
def test_a_masked_number_keeps_some_digits(written: str, shown: str) -> None:
    """A masked number keeps its first four and last two digits; a short one keeps none."""
    assert mask_number(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "call 12125550123 now",
        "call +1 212 555 0123 now",
        "call (212) 555-0123 now",
        "to=12125550123,next",
        "'447700900123'",
    ],
)
def test_numbers_in_a_sentence_are_masked(text: str) -> None:
    """A phone number in any usual format is masked in a message."""
    shown = Redactor()(text)
    assert MASK in shown
    assert "5550123" not in shown.replace("-", "").replace(" ", "")
    assert "900123" not in shown


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("CRM-2211: call Ann at +44 7700 900123", "CRM-2211: call Ann at 4477••••••23"),
        ("on call: (212) 555-0123 until 2026-12-01", "on call: 2125••••23 until 2026-12-01"),
        ("212.555.0123/Bob", "2125••••23/Bob"),
        ("ask 12125550123", "ask 1212•••••23"),
        ("tel:+376312345", "tel:3763•••45"),
        ("call 020 7946 0958, or +33 (0)6 12 34 56 78.", "call 0207•••••58, or 3306••••••78."),
    ],
)
def test_numbers_in_notes_are_masked(note: str, shown: str) -> None:
    """Numbers with a country code, in American notation or of ten digits or more are masked."""
    assert mask_note(note) == shown


@pytest.mark.parametrize(
    "note",
    [
        *("CRM-2211", "INC0012345678", "OPS-20261201001", "PO 2026-10-11-2211", "#1234567890"),
        *("https://acme.example/tickets/1234567890", "https://acme.example/?id=1234567890"),
        *("2024 2025 2026", "2024-2025-2026", "2025/2026", "2026-09-01 - 2026-09-30", "01.12. - 24.12.2026"),
        *("2026-12-01T14:00:00-05:00", "+5 % until 12:30", "+1,200,000 recipients", "C++ 2026"),
    ],
)
def test_ids_and_dates_in_notes_stay(note: str) -> None:
    """Ids of tickets, links, dates, years and amounts are not phone numbers."""
    assert mask_note(note) == note


@pytest.mark.parametrize(
    "text",
    [
        "3372d8ca-1a1fb92d6d3-b14539fb72454560b483897d2a8c9ac9",
        "1a2b3c4d-19492319304-b14539fb72454560b483897d2a8c9ac9",
        "e3c3d1ea-e54b-458d-b32b-18a99f63b58c",
        "2026-12-01T14:00:00-05:00",
        "scrypt:3d24ce0fa7a03711a49f59514c56b17948157d795f20767dd0b08303cb32863b",
        "program 148372 of contact source 4396816",
        "12,430 recipients in 13 requests",
    ],
)
def test_ids_dates_and_digests_are_not_masked(text: str) -> None:
    """Ids, dates and digests that look like a number stay readable."""
    assert Redactor()(text) == text


def test_secrets_and_bearer_tokens_are_replaced() -> None:
    """Known secrets, and any word after the words that announce a token, are replaced."""
    redactor = Redactor(("hunter22", "abc")).with_secret("s3cr3t-token")
    text = redactor("id hunter22 abc, Bearer zzz.yyy and Token provided was: s3cr3t-token")
    assert text == "id [secret] abc, Bearer [secret] and Token provided was: [secret]"


DATES = [
    "2036-03-01 10:00",
    "is no date-time: '2036-03-01 10:00:30'",
    "01.03.2036 10:00",
    "3/1/2036 10:00 PM",
    "2036/03/01 - 2036/03/02, 9:30-17:00",
    "2026-12-01T14:00:00.123-05:00 and 2026-12-01 14:00:00+02:00",
    "Thu 10 Apr 2036 10:00:00",
]


@pytest.mark.parametrize("text", DATES)
def test_dates_and_times_are_not_phone_numbers(text: str) -> None:
    """A date or a time of day stays readable, in messages and in text of others."""
    assert (Redactor()(text), Redactor().foreign(text)) == (text, text)


@pytest.mark.parametrize(
    "text",
    [
        "2036-03-01 12125550123 10:00",
        "10:00 12125550123",
        "12:12125550123",
        "12125550123 2036-03-01",
        "1.2.12125550123",
    ],
)
def test_a_number_beside_a_date_is_masked(text: str) -> None:
    """A date beside a phone number does not protect the number."""
    assert "5550123" not in Redactor()(text)
    assert "5550123" not in Redactor().foreign(text)


UNUSUAL = 'k3y+Zq/"8wX~päss word-7Qh'
SHORT = "h/nt3r&2"


def _written(secret: str) -> dict[str, str]:
    """Return a secret as systems write it into their messages."""
    raw = secret.encode()
    return {
        "plain": secret,
        "JSON": json.dumps(secret),
        "JSON with escaped slashes": json.dumps(secret).replace("/", "\\/"),
        "percent": quote(secret, safe=""),
        "percent in lower case": re.sub("%..", lambda found: found.group().lower(), quote(secret, safe="")),
        "percent throughout": "".join(f"%{byte:02X}" for byte in raw),
        "form": quote_plus(secret),
        "HTML": html.escape(secret),
        "base64": base64.b64encode(raw).decode(),
        "base64 of a URL": base64.urlsafe_b64encode(raw).decode(),
        "basic authentication": base64.b64encode(b"id:" + raw).decode(),
        "base64 after one byte": base64.b64encode(b":" + raw).decode(),
        "hexadecimal": raw.hex(),
    }


@pytest.mark.red_team(19)
@pytest.mark.parametrize("secret", [UNUSUAL, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("encoding", _written(""))
def test_a_secret_is_masked_in_every_encoding(secret: str, encoding: str) -> None:
    """At most the first and the last two characters of an encoded secret remain."""
    written = _written(secret)[encoding]
    shown = Redactor((secret,))(f"got {written} back")
    assert "[secret]" in shown
    left = shown.replace("[secret]", "").removeprefix("got ").removesuffix(" back")
    assert len(left) <= 8, shown


@pytest.mark.red_team(19)
@pytest.mark.parametrize("encoding", _written(""))
def test_a_secret_that_was_cut_is_masked(encoding: str) -> None:
    """Each run of twelve characters of a secret is masked, wherever a text was cut."""
    written = _written(UNUSUAL)[encoding].strip('"')
    redactor = Redactor((UNUSUAL,))
    for start in range(4, len(written) - 16):
        assert "[secret]" in redactor(f"…{written[start : start + 12]}…")
    shown = redactor(f"<{written[len(written) // 3 :]}>")
    assert len(shown.replace("[secret]", "")) <= 4, shown


def test_a_redactor_does_not_show_its_secrets() -> None:
    """The representation of a redactor has no secret."""
    assert repr(Redactor((UNUSUAL,))) == "Redactor()"


@given(st.text(alphabet="0123456789", min_size=10, max_size=15), st.text(alphabet=" ,;:'\"", max_size=3))
def test_no_run_of_digits_survives(digits: str, around: str) -> None:
    """Ten to fifteen digits are masked between any punctuation."""
    assert digits not in Redactor()(f"x {around}{digits}{around} y")


@pytest.mark.red_team(9)
@given(
    st.text(alphabet="0123456789", min_size=8, max_size=20),
    st.sampled_from(["", "x", "_", ".", "%2B", "id", "/", "é", "0-"]),
    st.sampled_from(["", "x", "_", ".com", "%20", "Z", "-"]),
)
def test_no_digits_of_others_survive(digits: str, before: str, after: str) -> None:
    """Eight or more digits in text of others are masked, whatever is beside them."""
    assert digits not in Redactor().foreign(f"no {before}{digits}{after} here")


@pytest.mark.red_team(9)
@given(st.text(min_size=2, max_size=30).filter(lambda value: value.strip() and len(value.strip()) > 1))
def test_no_value_of_a_request_survives(value: str) -> None:
    """A value of a request is masked as a word, in capitals too."""
    value = " ".join(value.split())
    assume(len(value) > 1 and "•" not in value)
    shown = Redactor().foreign(f"no <{value}> here", [value])
    assert f"<{value}>" not in shown
