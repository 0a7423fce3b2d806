"""Comparison of two texts word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final, NamedTuple

_WORD: Final = re.compile(
    r"""\s+
      | %%.*?%%
      | [\u3040-\u30ff\u3400-\u9fff]
      | [^\s!-/:-@\[-`{-~\u3040-\u30ff\u3400-\u9fff]+
      | .""",
    re.VERBOSE | re.DOTALL,
)
"""Spaces, a tag, a Chinese or Japanese character, or a word with its marks; else one punctuation mark."""

_TOKENS_MAX: Final = 4_000
"""Longer texts differ as a whole, because the comparison takes quadratic time."""


class WordSpan(NamedTuple):
    """A part of two texts: equal if `before` is `now`, else replaced; '' on the side that lacks it."""

    before: str
    now: str

    @property
    def is_equal(self) -> bool:
        """Whether both texts have this part."""
        return self.before == self.now


def word_spans(before: str, now: str) -> tuple[WordSpan, ...]:
    """Return the parts of two texts in order, split between words; joined, each side is its whole text."""
    old, new = _WORD.findall(before), _WORD.findall(now)
    if max(len(old), len(new)) > _TOKENS_MAX:
        return (WordSpan(before, now),)
    spans: list[WordSpan] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        span = WordSpan("".join(old[old_start:old_end]), "".join(new[new_start:new_end]))
        if tag == "equal" and _is_gap(span.now) and spans and new_end < len(new):
            # One space between two replaced words would cut a replaced phrase into pieces.
            spans[-1] = _joined(spans[-1], span)
        elif spans and not span.is_equal and not spans[-1].is_equal:
            spans[-1] = _joined(spans[-1], span)
        else:
            spans.append(span)
    return tuple(spans)


def _is_gap(text: str) -> bool:
    return not text.strip()


def _joined(first: WordSpan, second: WordSpan) -> WordSpan:
    return WordSpan(first.before + second.before, first.now + second.now)
