"""Keywords that answer something else: "To cancel your order reply CANCEL", "Text QUIT to see savings".

Only general words such as CANCEL and QUIT have other purposes; a reply of STOP always ends the messages.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from sendspec.joint_search import joint_search
from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_content.tables import table
from sendspec.text_content.word_patterns import any_of

if TYPE_CHECKING:
    from collections.abc import Callable

_SENTENCE: Final = lazy_pattern(r"(?:[^.!?\n]|[.](?=\w))+")


def without_other_purposes(plain: str) -> str:
    """Return a text without accents in the same length, with `_` for keywords that answer something else."""
    if not _may_have_general_keyword()(plain):
        return plain
    return _SENTENCE.sub(lambda match: _hidden(match.group()), plain)


def _hidden(sentence: str) -> str:
    pattern = _general_keyword() if _cancelled_thing().search(sentence) else _before_other_purpose()
    return pattern.sub(lambda match: "_" * len(match.group()), sentence)


@cache
def _may_have_general_keyword() -> Callable[[str], bool]:
    general = any_of(table("opt_out_words")["general"])
    return joint_search(f"(?:^|[^0-9A-Za-z_-])(?i:{general})(?:[^0-9A-Za-z_-]|$)")


@cache
def _general_keyword() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?i:{any_of(table('opt_out_words')['general'])})(?![\w-])")


@cache
def _before_other_purpose() -> re.Pattern[str]:
    words = table("opt_out_words")
    purposes = any_of((*words["purposes"]["en"], *words["more purposes"]))
    return re.compile(rf"{_general_keyword().pattern}(?=['\"]? (?i:to) (?!(?i:{purposes})\b)[A-Za-z])")


@cache
def _cancelled_thing() -> re.Pattern[str]:
    words = table("opt_out_words")["cancelled"]
    verbs, owners, things = (
        any_of(chain.from_iterable(words[name].values())) for name in ("verbs", "owners", "things")
    )
    messages = any_of(words["of messages"])
    thing = rf"(?:{owners}) (?:\w+ )?(?:{things})\b(?! (?:{messages})\b)"
    return re.compile(rf"(?i:\b(?:(?:{verbs}) {thing}|{thing} (?:zu )?(?:{verbs})\b))")
