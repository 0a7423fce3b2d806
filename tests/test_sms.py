"""Text of an SMS: encodings, segments, and tags."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec import sms

EURO, EMOJI, CYRILLIC = "€", "😀", "я"

SEGMENTS = [
    ("empty", "", 0),
    ("one-character", "a", 1),
    ("gsm7-single-full", "a" * 160, 1),
    ("gsm7-single-over", "a" * 161, 2),
    ("gsm7-two-full", "a" * 306, 2),
    ("gsm7-two-over", "a" * 307, 3),
    ("line-breaks-are-gsm7", "\r\n" * 80, 1),
    ("extension-counts-two", EURO * 80, 1),
    ("extension-over", EURO * 81, 2),
    ("extension-last-that-fits-in-a-part", "a" * 151 + EURO + "a" * 153, 2),
    ("extension-is-not-split-though-306-septets", "a" * 152 + EURO + "a" * 152, 3),
    ("extension-leaves-a-septet-in-every-part", EURO * 76 + EURO * 76, 2),
    ("extension-leaves-a-septet-and-spills", EURO * 153, 3),
    ("ucs2-single-full", CYRILLIC * 70, 1),
    ("ucs2-single-over", CYRILLIC * 71, 2),
    ("ucs2-two-full", CYRILLIC * 134, 2),
    ("ucs2-two-over", CYRILLIC * 135, 3),
    ("one-character-turns-all-into-ucs2", "a" * 70 + CYRILLIC, 2),
    ("extension-in-ucs2-counts-one", EURO * 69 + CYRILLIC, 1),
    ("surrogates-count-two", EMOJI * 35, 1),
    ("surrogates-over", EMOJI * 36, 2),
    ("surrogates-are-not-split-though-134-units", CYRILLIC * 66 + EMOJI + CYRILLIC * 66, 3),
    ("surrogates-leave-a-unit-in-every-part", EMOJI * 67, 3),
]


@pytest.mark.parametrize(
    ("text", "expected"), [case[1:] for case in SEGMENTS], ids=[case[0] for case in SEGMENTS]
)
def test_segments(text, expected):
    """The number of segments counts pairs of units that must not be separated."""
    assert sms.segments(text) == expected


def test_alphabets_have_the_size_of_the_standard():
    """The alphabet has 128 codes without the escape, the extension table ten, all different."""
    assert len(set(sms.GSM7_BASIC)) == len(sms.GSM7_BASIC) == 127
    assert len(set(sms.GSM7_EXTENSION)) == len(sms.GSM7_EXTENSION) == 10
    assert not set(sms.GSM7_BASIC) & set(sms.GSM7_EXTENSION)


@pytest.mark.parametrize("text", ["", "Grüße an Ångström: ¿50€?", "[a]{b}\\~^|\f", "\n\r@_ΔΩ", "Ç"])
def test_gsm7_takes(text):
    """Every character of both tables is GSM-7, even if it is not ASCII."""
    assert sms.is_gsm7(text)


@pytest.mark.parametrize("text", ["`", "ç", "\t", "\x1b", "\u2019", "\u00a0", "\u2013", "á", "ő", "…", EMOJI])
def test_gsm7_refuses(text):
    """A character outside both tables is not GSM-7, even if it is ASCII; neither is the escape."""
    assert not sms.is_gsm7(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("abc", 3), ("a€", 3), ("я€", 2), ("я😀", 3), ("a\U0010ffff", 3)]
)
def test_length(text, expected):
    """Length counts septets in GSM-7, two for extension characters, else UTF-16 code units."""
    assert sms.length(text) == expected


def naive_segments(text: str) -> int:
    """Fill segment after segment, one character at a time, as the standard describes it."""
    if not text:
        return 0
    gsm7 = all(character in sms.GSM7_BASIC + sms.GSM7_EXTENSION for character in text)
    sizes = [
        (2 if ch in sms.GSM7_EXTENSION else 1) if gsm7 else len(ch.encode("utf-16-be")) // 2 for ch in text
    ]
    single, segment = (160, 153) if gsm7 else (70, 67)
    if sum(sizes) <= single:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > segment:
            count, used = count + 1, 0
        used += size
    return count


TEXTS = st.one_of(
    st.text(alphabet="ab€[é", max_size=700),
    st.text(alphabet="aя😀€", max_size=300),
    st.text(max_size=300),
)


@given(TEXTS)
def test_segments_agree_with_a_naive_count(text):
    """Counting by slices and filling one character at a time have the same result."""
    assert sms.segments(text) == naive_segments(text)


@given(TEXTS)
def test_segment_starts_cut_a_text_into_its_segments(text):
    """There is a start per segment, in order, and each part but the last fills its segment."""
    starts = sms.segment_starts(text)
    assert len(starts) == sms.segments(text)
    assert list(starts) == sorted({*starts})
    assert starts[:1] == ((0,) if text else ())
    limit = sms.GSM7_SEGMENT if sms.is_gsm7(text) else sms.UCS2_SEGMENT
    wide = sms.GSM7_EXTENSION if sms.is_gsm7(text) else ""
    for start, end in pairwise((*starts, len(text))) if len(starts) > 1 else ():
        units = sum(2 if ch in wide or ord(ch) > 0xFFFF else 1 for ch in text[start:end])
        assert units <= limit
        assert end == len(text) or units >= limit - 1


TAGS = [
    ("none", "no tags, 100% off", (), ()),
    ("one", "hi %%NAME%%", ("NAME",), ()),
    ("spaces-inside", "hi %%FIRST NAME%%", ("FIRST NAME",), ()),
    ("each-once-in-order", "%%B%%%%A%% %%B%%", ("B", "A"), ()),
    ("case-makes-two", "%%Name%% %%NAME%%", ("Name", "NAME"), ()),
    ("one-letter", "%%A%%", ("A",), ()),
    ("unclosed", "hi %%NAME, bye", (), (3,)),
    ("unclosed-after-a-tag", "%%A%% and %%B", ("A",), (10,)),
    ("not-over-a-line-break", "%%FIRST\nNAME%%", (), (0, 12)),
    ("no-edge-spaces", "100%% off, %%NAME%%", ("NAME",), (3,)),
    ("percent-before-a-tag", "50%%%OFF%%", ("OFF",), ()),
    ("no-percent-inside", "%%A%B%%", (), (0, 5)),
    ("empty-name", "%%%%", (), (0, 2)),
]


@pytest.mark.parametrize(
    ("content", "names", "unclosed"), [case[1:] for case in TAGS], ids=[case[0] for case in TAGS]
)
def test_tags(content, names, unclosed):
    """A tag is a name between two `%%` on one line; any other `%%` is unclosed."""
    assert sms.tags_in(content) == names
    assert sms.unclosed_tags(content) == unclosed


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("no tag", "no tag"),
        ("%%A%% %%A%%", "inline inline"),
        ("%%B%%", "default"),
        ("%%C%%", "%%C%%"),
        ("%%a%%", "%%a%%"),
        ("%%EMPTY%%!", "!"),
        ("%%NESTED%%", "%%A%%"),
        ("50%%%A%% %%open", "50%inline %%open"),
    ],
)
def test_substitute(content, expected):
    """The contact's value overrides the default, values are not parsed, and unknown tags stay."""
    values = {"A": "inline", "EMPTY": "", "NESTED": "%%A%%"}
    assert sms.substitute(content, values, {"A": "never", "EMPTY": "never", "B": "default"}) == expected
