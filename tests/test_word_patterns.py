"""Patterns of many words."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sendspec.text_content.word_patterns import any_of

WORDS = st.text("ab. -", min_size=1, max_size=5)


@given(st.lists(WORDS, min_size=1, max_size=12), st.text("ab. -", max_size=40))
def test_the_pattern_finds_the_longest_word_at_each_place(words, text):
    """The pattern finds the same parts as all words one by one, the longest first."""
    one_by_one = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    spans = [[match.span() for match in re.finditer(each, text)] for each in (any_of(words), one_by_one)]
    assert spans[0] == spans[1]
