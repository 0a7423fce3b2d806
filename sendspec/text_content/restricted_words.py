"""Words of content that carriers restrict: sex, hate, alcohol, firearms, tobacco, and more."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_content.folded_text import fold
from sendspec.text_content.links import links_in
from sendspec.text_content.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendspec.text_content.folded_text import FoldedText

_WORD: Final = lazy_pattern(r"[^\W_]+")
_START: Final = 3
_EXCEPTION: Final = ""
_SUFFIX: Final = lazy_pattern(
    r"-(?:free|frei\w*|vrij\w*|green|brown|red|gold|pink|colou?red|style|inspired|proof|resistant|stain\w*)\b"
)
_WITHOUT_ALCOHOL: Final = (
    lazy_pattern(
        r"(?: [a-z]+){0,3} (?:sans alcool|sin alcohol|senza alcol|sem alcool|zonder alcohol|ohne alkohol"
        r"|without alcohol|analcolic[ao]|alkoholfrei|alcoholvrij)\b"
    ),
    lazy_pattern(r"(?:non alcoholic|alcohol free|alkoholfreie?[snrm]?|alcoholvrije?) (?:[a-z]+ )?$"),
)
_MERCHANT: Final = lazy_pattern(
    r"\b(?:(?:used|authori[sz]ed|approved|declined) at"
    r"|(?:spent|purchase|transaction|charge|charged|payment|paid)"
    r"(?: of)?(?: \S+)? (?:at|to|from|by)) [^.!?]{0,30}$"
)
"""Words before the name of a shop, in the message of a bank."""
_BEFORE: Final = 60


class RestrictedWord(NamedTuple):
    """A word from `start` to `end` of a text, and its category."""

    category: str
    start: int
    end: int


class _Entry(Struct, frozen=True):
    """A word or a phrase of the table; with `any_ending`, it is the start of a word."""

    category: str
    text: str
    any_ending: bool


def restricted_categories() -> tuple[str, ...]:
    """Return the names of the categories."""
    return tuple(table("restricted_words")["categories"])


@lru_cache(maxsize=1024)
def restricted_words(text: str) -> tuple[RestrictedWord, ...]:
    """Return the restricted words of a text, outside links, in their order.

    The names of tags in `text` are hidden.
    """
    return tuple(_restricted_words(text))


def _restricted_words(text: str) -> Iterator[RestrictedWord]:
    folded = fold(text)
    plain = folded.text.replace("-", " ")
    excepted_until = 0
    links = [(link.start, link.end) for link in links_in(text)]
    index = _index()
    for word in _WORD.finditer(plain):
        entries = index.get(word[0][:_START])
        if entries is None:
            continue
        found = [entry for entry in entries if _ends(entry, plain, word.start())]
        if not found or word.start() < excepted_until:
            continue
        longest = max(found, key=lambda entry: len(entry.text))
        end = _ends(longest, plain, word.start())
        excepted = [entry for entry in found if entry.category == _EXCEPTION]
        if excepted:
            excepted_until = max(_ends(entry, plain, word.start()) for entry in excepted)
            continue
        if _is_harmless(longest.category, folded.text, word.start(), end):
            continue
        start, end = folded.span(word.start(), end)
        if not any(first <= start < last for first, last in links):
            yield RestrictedWord(longest.category, start, end)
    yield from _words_together(folded)


def _is_harmless(category: str, text: str, start: int, end: int) -> bool:
    """Return whether the words around a word change its meaning: `cannabis-free`, or a bank's `used at …`."""
    before = text[max(0, start - _BEFORE) : start]
    if _SUFFIX.match(text, end) or _MERCHANT.search(before):
        return True
    after, in_front = _WITHOUT_ALCOHOL
    plain = before.replace("-", " ")
    return category == "alcohol" and bool(after.match(text, end) or in_front.search(plain))


def _words_together(folded: FoldedText) -> Iterator[RestrictedWord]:
    """Yield the first words of the pairs that a text has both of."""
    together = table("restricted_words")["together"].items()
    if not any(map(folded.text.__contains__, _first_words())):
        return
    words = {match.group(): match for match in _WORD.finditer(folded.text)}
    for category, pairs in together:
        for first, second in pairs:
            if first in words and second in words:
                yield RestrictedWord(category, *folded.span(*words[first].span()))
                break


@cache
def _first_words() -> frozenset[str]:
    together = table("restricted_words")["together"].values()
    return frozenset(first for pairs in together for first, _ in pairs)


def _ends(entry: _Entry, plain: str, start: int) -> int:
    """Return where an entry ends that starts at `start`, 0 if the text has another word there."""
    if not plain.startswith(entry.text, start):
        return 0
    end = start + len(entry.text)
    rest = _WORD.match(plain, end)
    if rest is None:
        return end
    return rest.end() if entry.any_ending else 0


@cache
def _index() -> Mapping[str, tuple[_Entry, ...]]:
    """Return the entries by the first letters of their first word."""
    words = table("restricted_words")
    entries = [
        *(_entry(_EXCEPTION, text) for text in words["exceptions"]),
        *(
            _entry(category, text)
            for category, languages in words["categories"].items()
            for text in chain.from_iterable(languages.values())
        ),
    ]
    index: dict[str, list[_Entry]] = {}
    for entry in entries:
        first = _WORD.match(entry.text)
        index.setdefault(first.group()[:_START] if first else "", []).append(entry)
    return {start: tuple(found) for start, found in index.items()}


def _entry(category: str, text: str) -> _Entry:
    return _Entry(category, text.removesuffix("*").replace("-", " "), text.endswith("*"))
