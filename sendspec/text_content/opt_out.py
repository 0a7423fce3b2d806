"""Opt-out instructions: whether a text says how its recipient can stop the messages.

A keyword alone is not an instruction, because "Stop by our store" has one too. It counts after a verb
("Reply STOP"), before a purpose or a number ("STOP to end", "STOP au 36180"), or near a phrase about
opting out ("Afmelden? STOP"). The language of a text is not detected: an instruction counts in any
language, because the words of one hardly occur by accident in another.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from sendspec.text_content.letters import without_accents
from sendspec.text_content.other_purposes import without_other_purposes
from sendspec.text_content.tables import table
from sendspec.text_content.word_patterns import any_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_QUOTE: Final = r"[\s:,\"'(\[<*>)\]-]*"
_LINK: Final = r"(?i:(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?|\S+@\S+\.\w{2,})"
_NUMBER: Final = r"\+?\(?\d[\d ().-]{2,16}\d"
_TO: Final = r"(?:to|at|au|a|al|an|ao|naar|aan|para|por|op|pelo)"
_FOR: Final = r"(?:to|2|4|for|pour|para|per|p/|zum|zur|um|om|te|de|=|:|->|>|-|\()"
_SENDING: Final = (
    "par (?:retour|sms)|per sms|via sms|in risposta|sms|senden|zuruck|antworten|schicken|schreiben|simsen|"
    "sturen|terug|anytime|any ?time"
)
_VERB_BEFORE: Final = 60
"""Characters before a keyword in which its verb can be."""


@lru_cache(maxsize=1024)
def has_opt_out(text: str, words: tuple[str, ...] = ()) -> bool:
    """Return whether `text` says how to opt out; each of `words` also counts, wherever it is a word."""
    plain = without_other_purposes(without_accents(text))
    lowered = plain.lower()  # Patterns that ignore the case take three times as long.
    keyword = _any_keyword().search(lowered)
    near = len(plain) if keyword is None else max(0, keyword.start() - _VERB_BEFORE)
    if _keyword_after_verb().search(lowered, near):
        return True
    if any(_pattern(name).search(plain, near if "keyword" in name else 0) for name in _sources()):
        return True
    if plain != plain.upper() and _after_verb_in_capitals().search(plain, near):
        return True
    return any(_word(without_accents(word)).search(without_accents(text)) for word in words)


@cache
def _any_keyword() -> re.Pattern[str]:
    """Return the pattern of a keyword in lower case, so that only the text near it is searched."""
    return re.compile(rf"(?<![\w-])(?:{any_of(map(str.lower, _keywords()))})")


@cache
def _keyword_after_verb() -> re.Pattern[str]:
    """Return the pattern of the most usual instruction in lower case: `reply stop`."""
    words = table("opt_out_words")
    verb = rf"(?<!\w)(?:{_any_of(words['verbs'])})(?!\w)"
    between = rf"(?:(?:{any_of(words['between'])})\b{_QUOTE}){{0,3}}"
    return re.compile(rf"{verb}{_QUOTE}{between}{_any_keyword().pattern}(?![\w-])")


@cache
def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)


@cache
def _keywords() -> tuple[str, ...]:
    return tuple(chain.from_iterable(row["words"] for row in table("opt_out_words")["keywords"]))


@cache
def _sources() -> Mapping[str, str]:
    """Return the patterns of instructions in a text without accents, by name.

    Those with `keyword` in their name match only near one.
    """
    words = table("opt_out_words")
    keyword = rf"(?<![\w-])(?:{any_of(_keywords())})(?![\w-])"
    verb = rf"(?<!\w)(?:{_any_of(words['verbs'])})(?!\w)"
    purpose = rf"(?:{_any_of(words['purposes'])})\b"
    phrase = rf"(?<![\w-])(?:{'|'.join(chain.from_iterable(words['phrases'].values()))})(?!\w)"
    stop = r"(?<![\w-])(?:STOP|Stop|ARRET|BAJA)(?:[ -]?(?:SMS|sms|PUB|Pub|pub))?"
    capitals = rf"(?<![\w-])(?:{any_of(_keywords())}|Stop)(?![a-z-])"
    answer = rf"(?i:{verb}){_QUOTE}[A-Z0-9]{{1,12}}(?!\w)"
    tag = r"(?::|at|via|hier|ici|aqui|qui) ?%%"
    target = rf"{keyword}|{_LINK}|{_NUMBER}|{answer}|{tag}"
    near = r"[^.!?\n%]{0,40}?"
    after = r"(?:[^.!\n]|\.(?=\w)){0,40}?"
    links = "|".join(words["links"])
    return {
        "keyword, number": rf"{stop}\W{{0,3}}(?i:{_TO} )?{_NUMBER}",
        "keyword, purpose": rf"{capitals}{_QUOTE}(?i:{_FOR} ?{_QUOTE}{purpose})",
        "keyword to number": rf"(?<![\w-])(?i:stop(?:[ -]?sms)? {_TO}) ?{_NUMBER}",
        "keyword, verb": rf"{capitals}\W{{1,3}}(?i:{_SENDING})\b",
        "keyword with purpose": rf"(?<![\w-])(?i:stop(?:to|2|4)(?:{_any_of(words['purposes'])}))\b",
        "keywords": r"\bSTOP\W{1,3}HELP\b|\bHELP\W{1,3}STOP\b",
        "phrase, target": rf"(?i:{phrase}){after}(?:{target})",
        "keyword, phrase": rf"{capitals}{near}(?i:{phrase})",
        "answer, phrase": rf"{answer}{near}(?i:{phrase})",
        "page": rf"(?i:\b(?:[\w-]+\.)+[a-z]{{2,}}/(?:\S*/)?(?:{links})(?![\w-]))",
        "host": rf"(?i:(?<![\w.-])(?:{links})\.(?:[\w-]+\.)+[a-z]{{2,}}\b)",
    }


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return one of the patterns, compiled when a text needs it: most texts have a keyword after a verb."""
    return re.compile(_sources()[name])


@cache
def _after_verb_in_capitals() -> re.Pattern[str]:
    """Return the pattern of a keyword in capitals after a verb: `Reply YES to join, STOP to leave`."""
    verb = rf"(?<!\w)(?:{_any_of(table('opt_out_words')['verbs'])})(?!\w)"
    return re.compile(rf"(?i:{verb})[^.!?\n]{{1,30}}?(?<![\w-])(?:{any_of(_keywords())})(?![\w-])")


def _any_of(words: Mapping[str, Sequence[str]]) -> str:
    return any_of(chain.from_iterable(words.values()))
