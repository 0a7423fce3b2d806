"""Redaction: what it masks, and what it must not change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.redact import MASK, Redactor, mask_number


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


@given(st.text(alphabet="0123456789", min_size=10, max_size=15), st.text(alphabet=" ,;:'\"", max_size=3))
def test_no_run_of_digits_survives(digits: str, around: str) -> None:
    """Ten to fifteen digits are masked between any punctuation."""
    assert digits not in Redactor()(f"x {around}{digits}{around} y")
