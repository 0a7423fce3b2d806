"""Keywords of opt-outs in languages that the search for instructions does not know.

A keyword in capitals is only likely to be an instruction, so a rule must not treat it as one: it counts
beside a word or a letter of another language, or before a word and a short number ("STOP na 60777").
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_content.folded_text import fold
from sendspec.text_content.links import HIDDEN
from sendspec.text_content.tables import table
from sendspec.text_content.word_patterns import any_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_KNOWN_LETTERS: Final = frozenset("àâäáãæçéèêëíìîïñóòôöõœúùûüßÿºª" + HIDDEN)
"""Letters outside ASCII of the seven languages, in lower case."""
_NO_LETTER: Final = "[A-Za-z0-9\u00c0-\u024f\u0370-\u052f]"
_WORD: Final = lazy_pattern(r"[^\W\d_]+")
_SENTENCE_END: Final = lazy_pattern(r"[.!?\n\u3002](?!\w)|\n")
_SHORT_NUMBER: Final = lazy_pattern(
    r"\W{1,3}(?!by|before|until|till|from|after|at|in|on)[^\W\d_]{1,6} \d{3,6}(?![\d%])"
)


def foreign_opt_out(text: str) -> tuple[int, int] | None:
    """Return the offsets of a keyword that may be an instruction in another language, None without one."""
    for match in _keyword().finditer(text):
        if text[match.end() : match.end() + 1] != "!" and _is_beside_foreign_words(text, *match.span()):
            return match.span()
    return None


def _is_beside_foreign_words(text: str, start: int, end: int) -> bool:
    last_end = [match.end() for match in _SENTENCE_END.finditer(text, 0, start)][-1:]
    next_end = _SENTENCE_END.search(text, end)
    before = text[last_end[0] if last_end else 0 : start]
    after = text[end : next_end.start() if next_end else len(text)]
    if not _verbs().isdisjoint(_WORD.findall(fold(f"{before} {after}").text)):
        return True
    if text[start:end] not in table("foreign_opt_out_words")["common"] or not _has_other_case(text):
        return False
    letters = {letter for letter in (before + after).lower() if letter.isalpha() and not letter.isascii()}
    return not letters <= _KNOWN_LETTERS or _SHORT_NUMBER.match(text, end) is not None


def _has_other_case(text: str) -> bool:
    """Return whether a text has letters other than capitals, so that capitals differ."""
    return any(letter.isalpha() and not letter.isupper() for letter in text)


@cache
def _keyword() -> re.Pattern[str]:
    words = table("foreign_opt_out_words")
    keywords: Sequence[str] = [
        *words["common"],
        *chain.from_iterable(row["keywords"] for row in words["rows"]),
    ]
    return re.compile(rf"(?<!{_NO_LETTER})(?:{any_of(keywords)})(?!{_NO_LETTER})")


@cache
def _verbs() -> frozenset[str]:
    return frozenset(chain.from_iterable(row["verbs"] for row in table("foreign_opt_out_words")["rows"]))
