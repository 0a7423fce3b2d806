"""Two texts compared word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.word_spans import word_spans

TEXTS = st.text(alphabet="ab %.é\u0301\u200d😀日本\n", max_size=40)


@given(TEXTS, TEXTS)
def test_joined_spans_are_both_texts(before: str, now: str) -> None:
    """The spans contain each character of both texts, in order."""
    spans = word_spans(before, now)
    assert "".join(span.before for span in spans) == before
    assert "".join(span.now for span in spans) == now


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("20% off boots.", "20% off shoes.", [("20% off ", "20% off "), ("boots", "shoes"), (".", ".")]),
        ("get red boots", "get blue shoes", [("get ", "get "), ("red boots", "blue shoes")]),
        ("hi %%NAME%%!", "hi %%FIRST NAME%%!", [("hi ",) * 2, ("%%NAME%%", "%%FIRST NAME%%"), ("!", "!")]),
        ("नमस्ते जी", "नमस्ते सर", [("नमस्ते ",) * 2, ("जी", "सर")]),
        ("明日まで", "今日まで", [("明", "今"), ("日まで", "日まで")]),
        ("", "new", [("", "new")]),
        ("same", "same", [("same", "same")]),
        ("x" * 3, "x" * 3 + " y", [("xxx", "xxx"), ("", " y")]),
    ],
)
def test_spans_are_words(before: str, now: str, expected: list[tuple[str, str]]) -> None:
    """A difference covers whole words, whole tags, and phrases with one space between replaced words."""
    assert [(span.before, span.now) for span in word_spans(before, now)] == expected


def test_a_very_long_text_differs_as_a_whole() -> None:
    """A text of more than 4,000 words is not compared word by word."""
    before, now = "a " * 5_000, "b " * 5_000
    assert word_spans(before, now) == ((before, now),)
