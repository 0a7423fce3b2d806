"""Quick checks: whether one of many values together may have a defect, or a text may have a leftover.

They must never miss a defect that `defects_in_value` and `leftovers_in_text` report, and may report values
and texts without one.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from sendspec.joint_search import joint_search
from sendspec.text_content import public_shorteners
from sendspec.text_defects.characters import INVISIBLE
from sendspec.text_defects.leftovers import (
    FIELD_NAMES,
    MISSING_VALUES,
    MISSING_WORDS,
    QUOTES,
    SEARCHES_OF_BOTH,
    SEARCHES_OF_TEXTS,
)
from sendspec.text_defects.misplaced_values import DIGITS_MIN
from sendspec.text_defects.mojibake import LEADS

if TYPE_CHECKING:
    from collections.abc import Callable

SEPARATOR: Final = "\0"
"""The separator of joined values; contact files and specs cannot contain it."""

_USUAL: Final = frozenset(
    " !\"$%'()*+,-./0123456789:;=?ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz~" + SEPARATOR
)
"""ASCII that needs no closer look: the brackets, `#`, `&`, `<`, `>`, `@`, `|` and control characters do."""

_NEEDLES: Final = ("test", "asdf", "qwert", "dummy", "lorem", "dolor", "localhost", "fixme", "tbd", "tbc")
_MORE_NEEDLES: Final = ("todo", "xxxx", "%", " here")
_HOST_NEEDLES: Final = (
    "example",
    "0.0.",
    "invalid",
    "your",
    "domain.",
    "mysite",
    "my-site",
    "website",
    "staging",
)
_I: Final = "[i\u0130\u0131]"
"""With IGNORECASE, Python also compares i with two letters of Turkish, which the engine does not."""

_SPACES: Final = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What `str.split` splits at."""


def may_have_defects(joined: str) -> bool:
    """Return whether one of the values, which are joined by `SEPARATOR`, may have a defect."""
    return _odd_part()(joined) or ("." in joined and _host_part()(joined))


def may_have_leftovers(text: str) -> bool:
    """Return whether `leftovers_in_text` may find something in a text that people read."""
    return _leftover()(text)


class PlainCheck:
    """A check of many values together: whether they need any closer look.

    They do not if no value may have a defect, is blank, has more than `length_max` characters, a
    character that JSON escapes, or one of those that are not `basic`.
    """

    def __init__(self, basic: str, length_max: int | None) -> None:
        self._basic, self.length_max = basic, length_max

    @cached_property
    def _odd(self) -> Callable[[str], bool]:
        patterns = [*_odd_patterns(), f"[^{_escaped(self._basic + SEPARATOR)}]", '"', _BLANK]
        if self.length_max is not None:
            patterns.append(f"[^{_escaped(SEPARATOR)}]{{{self.length_max + 1}}}")
        return joint_search(*patterns)

    def is_plain(self, joined: str) -> bool:
        """Return whether the values, which are joined by `SEPARATOR`, need no closer look."""
        return not (self._odd(joined) or ("." in joined and _host_part()(joined)))


@cache
def _odd_part() -> Callable[[str], bool]:
    return joint_search(*_odd_patterns())


def _odd_patterns() -> tuple[str, ...]:
    """Return the patterns of all defects, except those of links and hosts, which have a dot."""
    characters = "".join(map(chr, sorted(set(range(0x80)) - set(map(ord, _USUAL)))))
    not_ascii = INVISIBLE[INVISIBLE.index("\x7f") :] + LEADS + "\u00a0"
    missing = {word for value in MISSING_VALUES | MISSING_WORDS for word in value.split()}
    words = sorted(word for word in missing if set(word) <= _USUAL)  # The first pattern notices the others.
    edge = f"[{_escaped(_SPACES + SEPARATOR)}]"
    quotes = _escaped("".join(sorted({quote for quote, _ in QUOTES})))
    return (
        f"[{_escaped(characters)}]",
        f"[{not_ascii}]",
        f"[0-9](?:[ ().\\-/+]*[0-9]){{{DIGITS_MIN - 1}}}",
        _any_case((*_NEEDLES, *_MORE_NEEDLES)),
        f"(?:^|{edge})(?:{'|'.join(map(_escaped, words))})(?:{edge}|$)",
        f"(?:^|{_escaped(SEPARATOR)})[{_escaped(_SPACES)}]*[{quotes}]",
        f"(?:^|{edge})[$]?(?i:{FIELD_NAMES})(?:{edge}|$)",
    )


@cache
def _leftover() -> Callable[[str], bool]:
    needles = {needle for search in (*SEARCHES_OF_TEXTS, *SEARCHES_OF_BOTH) for needle in search.needles}
    return joint_search(
        _any_case(tuple(sorted(needles - {"%"}))),  # Nearly each text has a percent sign, of a tag.
        "(?:^|[^%])%[A-Z][A-Z_]{1,30}%|%\\(",
        f"[{_escaped(_SPACES)}],",
        "[\\[<]/?[A-Za-z]|&[#A-Za-z]",
        f"[{LEADS}]",
    )


@cache
def _host_part() -> Callable[[str], bool]:
    edge = "[^a-zA-Z0-9-]"
    shorteners = f"(?:^|{edge}){_any_case(tuple(sorted(public_shorteners())))}(?:{edge}|$)"
    return joint_search(_any_case((*_HOST_NEEDLES, "http://")), shorteners)


def _any_case(needles: tuple[str, ...]) -> str:
    patterns = (_escaped(needle).replace("i", _I) for needle in needles)
    return f"(?i:{'|'.join(patterns)})"


def _escaped(characters: str) -> str:
    """Return characters as a pattern, or as the inside of a class."""
    return "".join(
        character if character.isalnum() and character.isascii() else f"\\x{{{ord(character):x}}}"
        for character in characters
    )


_BLANK: Final = f"(?:^|{_escaped(SEPARATOR)})[{_escaped(_SPACES)}]*(?:{_escaped(SEPARATOR)}|$)"
