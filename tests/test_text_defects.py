"""The quick checks of many values together never miss a defect that the check of one value finds."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec import sms
from sendspec.text_defects import (
    SEPARATOR,
    PlainCheck,
    defects_in_value,
    leftovers_in_text,
    may_have_defects,
    may_have_leftovers,
)
from sendspec.text_defects.leftovers import MISSING_VALUES, SEARCHES_OF_BOTH, SEARCHES_OF_TEXTS
from tests.field.test_texts import LEFTOVERS as TEXT_LEFTOVERS
from tests.field.test_values import INVISIBLE, LEFTOVERS, NAMES, SHAPES

LINKS = [
    *("https://bit.ly/3x", "BIT.LY/3x", "t.co", "see acme.app.link.", "https://a@ow.ly:443/x", "x,rb.gy?a"),
    *("http://acme.com/x", "HTTP://ACME.COM", "see http://acme.com.", "x http://bit.ly", "lnKd.in/x"),
]
DEFECTIVE = [
    *(value for values in (*LEFTOVERS.values(), *SHAPES.values()) for value in values),
    *(f"A{character}nn" for character in INVISIBLE),
    *("a\nb", "a\rb", *MISSING_VALUES),
    *LINKS,
]
PIECES = [
    *DEFECTIVE,
    *NAMES,
    " ",
    "-",
    ".",
    "(",
    ")",
    "+",
    "0",
    "12",
    "555",
    "\u00a0",
    "Ã",
    "©",
    "%",
    "A",
    "é",
    "/",
]


@pytest.mark.parametrize("value", sorted(DEFECTIVE), ids=ascii)
def test_the_quick_check_notices_a_value_among_others(value):
    """Each value of the field tests has a defect, and the quick check of a batch notices it."""
    assert list(defects_in_value("NAME", value))
    assert may_have_defects(SEPARATOR.join(["Ann", value, "Cy"]))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join), st.text(max_size=3))
def test_the_quick_check_misses_no_defect(value, rest):
    """Whatever the pieces of defects and names make together, a reported defect was noticed first."""
    value = (value + rest).replace(SEPARATOR, "")
    if value.strip() and list(defects_in_value("NAME", value)):
        assert may_have_defects(SEPARATOR.join(["Ann", value, "Cy"]))


LENGTH_MAX = 9
PLAIN = PlainCheck(sms.GSM7_BASIC, LENGTH_MAX)


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from([*PIECES, *'aé\u00a0ł€\\"\n ^[{~']), max_size=4).map("".join),
    st.text(max_size=4),
    st.booleans(),
)
def test_plain_values_need_no_closer_look(value, rest, is_first):
    """A value of a plain batch has a visible character, no defect, no escape, GSM-7 only, and a limit."""
    value = (value + rest).replace(SEPARATOR, "")
    if PLAIN.is_plain(SEPARATOR.join([value, "Ann"] if is_first else ["Ann", value])):
        assert value.strip()
        assert len(value) <= LENGTH_MAX
        assert sms.is_basic(value)
        assert orjson.dumps(value) == f'"{value}"'.encode()
        assert list(defects_in_value("NAME", value)) == []


@pytest.mark.parametrize(
    "value", ["", " ", "\u3000", "y" * 10, "ł", "€", 'a"b', "a\\b", "test", "www.example.com"]
)
def test_a_value_that_needs_a_closer_look_is_not_plain(value):
    """It is noticed as the first, a middle and the last value, and as the only one."""
    for values in ([value], [value, "Ann"], ["Ann", value, "Cy"], ["Ann", value]):
        assert not PLAIN.is_plain(SEPARATOR.join(values))
    assert PLAIN.is_plain(SEPARATOR.join(["Ann", "Zoé", "A0001234", "y" * 9]))


TEXT_PIECES = [
    *PIECES,
    *(text for texts in TEXT_LEFTOVERS.values() for text in texts),
    *("test", "TODO", "XXXXX", "lorem ipsum", "template", "hi ", "none", "NaN", "#N/A", "undefined"),
    *("localhost", "127.0.0.1", "example.com", "my-site.", "domain.net", "staging-a.eu", "a.test/", ":"),
    *("{", "}", "[[", "]]", "<%", "%>", "*|", "|*", "%NAME%", "%(a)s", "$", ", "),
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(TEXT_PIECES), min_size=1, max_size=4).map("".join))
def test_the_needles_of_a_pattern_miss_no_match(text):
    """Every ASCII text that a pattern matches contains one of its needles."""
    for _, pattern, needles in (*SEARCHES_OF_BOTH, *SEARCHES_OF_TEXTS):
        match = pattern.search(text)
        if match is not None and text.isascii():
            assert any(needle in match.group().lower() for needle in needles), match.group()


LIKE_ASCII = "\u0130\u0131\u017f\u212a"
"""Letters that equal i, s and k if the case is ignored."""


@settings(max_examples=600)
@given(st.lists(st.sampled_from([*TEXT_PIECES, *LIKE_ASCII]), min_size=1, max_size=4).map("".join))
def test_the_quick_check_misses_no_leftover(text):
    """Whatever the pieces make together, a reported leftover was noticed first."""
    if list(leftovers_in_text(text)):
        assert may_have_leftovers(text)


def test_a_usual_text_needs_no_closer_look():
    """Tags, percentages, accents and links do not make the check slow."""
    for text in ("Acme: hi %%NAME%%, 20% off!", "Chère %%NAME%%, -20%", "See https://acme.com/x?a=1&2"):
        assert not may_have_leftovers(text)


@pytest.mark.parametrize(
    "value",
    ["https://best.com/x", "https://rabbit.ly/x", "acme.com/u.to1", "https://hit.company/", "St. Louis"],
)
def test_usual_links_need_no_closer_look(value):
    """Domains that only contain the name of a shortener do not make the scan slow."""
    assert not may_have_defects(SEPARATOR.join(["Ann", value, "Cy"]))


def test_usual_names_need_no_closer_look():
    """A batch of usual names passes the quick check, so that the scan of a clean list stays fast."""
    names = [
        "Ann",
        "José",
        "O'Neil",
        "Anne-Marie Lee",
        "Dr. Müller",
        "Ng",
        "Renée D'Arc",
        "Nancy",
        "Order 12",
    ]
    assert not may_have_defects(SEPARATOR.join(names))
