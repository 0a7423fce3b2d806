"""Defects of links: those that phones cut or create, and those that look dangerous to people and carriers."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from enum import StrEnum
from functools import cache
from ipaddress import ip_address
from itertools import chain
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_content.links import HIDDEN, is_domain, links_in, may_have_links
from sendspec.text_content.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.text_content.links import Link


class LinkDefectKind(StrEnum):
    """The kinds of defects; the values are reason codes of the rule."""

    HTTP = "http"
    USER = "user-info"
    ADDRESS = "ip-address"
    PUNYCODE = "punycode"
    LOOKALIKE = "lookalike"
    TAG_IN_HOST = "tag-in-host"
    GLUED = "glued"
    ACCIDENTAL = "accidental"
    PUNCTUATION = "punctuation"
    SCHEME = "scheme"


class LinkDefect(Struct, frozen=True):
    """A defect from `start` to `end` of a text; `label` is what is wrong, such as a character."""

    kind: LinkDefectKind
    start: int
    end: int
    label: str = ""


_SCRIPTS: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE", "LISU"})
_TWINS: Final = frozenset("авеѕіјкмнорстухһԁԛԝӏүѵανοριυχεκɑɡɩʟı")
"""Letters that look like Latin ones. Source: Unicode Technical Standard 39, confusables."""
_CAPITAL: Final = lazy_pattern(r"[A-Z][a-z]+")
_SENTENCE: Final = lazy_pattern(r" [a-z%]")
_FAMILIAR: Final = frozenset({"com", "net", "org", "info", "edu", "gov", "io"})
"""Domains that people write with a capital, and that are words of no sentence."""
_LETTER_AND_CAPITAL: Final = lazy_pattern(r"[a-z\d%][.,;!]?[A-Z]")
_AFTER_PUNCTUATION: Final = lazy_pattern(r"/\S*?[a-z\d%][.,;!](?P<word>[A-Z][a-z]+)(?=\s+[a-z])")
_COUNTRY_LETTERS: Final = 2
_BROKEN_SCHEME: Final = lazy_pattern(
    r"(?<!\w)(?:https?(?::/(?!/)|//|;//|:///|:\\\\|: //|\.//|:(?=www\.|[\w-]+\.[a-z]))"
    r"|(?!https?[:;/])(?:ht{0,3}p{1,3}s?|htts|httsp|ttps?|hh+ttps?|httpss|hptts?|hpttps?|hxxps?)[:;]?//)(?=[\w%])\S*",
    re.IGNORECASE,
)
_EXTENSIONS: Final = frozenset({"html", "htm", "php", "aspx", "jsp", "pdf", "png", "jpg"})


def link_defects(text: str) -> Iterator[LinkDefect]:
    """Yield the defects of the links of a text in which the names of tags are hidden."""
    if not may_have_links(text):
        return
    links = links_in(text)
    broken = [
        match
        for match in _BROKEN_SCHEME.finditer(text)
        if not any(link.start < match.start() < link.end for link in links)
    ]
    yield from (LinkDefect(LinkDefectKind.SCHEME, *match.span()) for match in broken)
    inside_broken = {link for link in links for match in broken if match.start() < link.start < match.end()}
    for link in links:
        yield from _host_defects(link)
        if (at := _odd_punctuation(text, link)) is not None:
            yield LinkDefect(LinkDefectKind.PUNCTUATION, link.start, at + 1, text[at])
        if _is_accidental(text, link):
            yield LinkDefect(LinkDefectKind.ACCIDENTAL, link.start, link.end)
        if (
            link.scheme
            and link not in inside_broken
            and re.match(r"[^\W_]|%", text[link.start - 1 : link.start])
        ):
            yield LinkDefect(LinkDefectKind.GLUED, link.start, link.end, text[link.start - 1])
    if _LETTER_AND_CAPITAL.search(text):
        yield from _glued_words(text, links)


def _host_defects(link: Link) -> Iterator[LinkDefect]:
    start, end, host = link.start, link.end, link.host
    if link.scheme == "http":
        yield LinkDefect(LinkDefectKind.HTTP, start, end)
    if link.user:
        yield LinkDefect(LinkDefectKind.USER, start, end, link.user)
    if "%%" in link.user + host and not (_is_only_tag(host) and not link.rest):
        yield LinkDefect(LinkDefectKind.TAG_IN_HOST, start, end)
    elif _is_address(host):
        yield LinkDefect(LinkDefectKind.ADDRESS, start, end)
    elif "xn--" in host:
        yield LinkDefect(LinkDefectKind.PUNYCODE, start, end, _decoded(host))
    elif (letter := _lookalike(host)) is not None:
        yield LinkDefect(LinkDefectKind.LOOKALIKE, start, end, letter)


def _is_only_tag(host: str) -> bool:
    """Return whether the whole link is a tag; the scheme before it is in the values, too, or missing."""
    return re.fullmatch(rf"%%{HIDDEN}+%%", host) is not None


def _is_address(host: str) -> bool:
    with suppress(ValueError):
        ip_address(host.strip("[]"))
        return True
    return re.fullmatch(r"\d+|0x[0-9a-f]+", host) is not None


def _decoded(host: str) -> str:
    labels = []
    for label in host.split("."):
        shown = label
        if label.startswith("xn--"):
            with suppress(UnicodeError):
                shown = label[4:].encode("ascii").decode("punycode")
        labels.append(shown)
    return ".".join(labels)


def _lookalike(host: str) -> str | None:
    """Return a letter of a host that looks like one of another script, if it is there to deceive."""
    for label in host.split("."):
        letters = [letter for letter in label if not letter.isascii() and letter != HIDDEN]
        scripts = {_script(letter) for letter in label if letter.isalpha()} & _SCRIPTS
        others = [letter for letter in letters if _script(letter) != "LATIN" or letter in _TWINS]
        if others and (len(scripts) > 1 or _script(others[0]) == "LATIN" or _TWINS.issuperset(others)):
            return others[0]
    return None


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _odd_punctuation(text: str, link: Link) -> int | None:
    """Return the offset of punctuation that some phones take into a link with a path, None without."""
    if not link.rest:
        return None
    rest_start = link.end - len(link.rest)
    for offset, character in enumerate(link.rest):
        if not character.isascii() and unicodedata.category(character)[0] == "P":
            return rest_start + offset
    after = text[link.end + len(link.tail) :]
    return link.end if link.tail and not after.strip() else None


def _is_accidental(text: str, link: Link) -> bool:
    """Return whether a link is two sentences without a space, such as `today.Shop now`."""
    if link.scheme or link.rest or link.tail.startswith(":"):
        return False
    written = text[link.start : link.end]
    before, _, word = written.rpartition(".")
    if before[:1].isupper() or not _CAPITAL.fullmatch(word) or word.lower() in _FAMILIAR:
        return False
    return len(word) > _COUNTRY_LETTERS or _SENTENCE.match(text, link.end) is not None


def _glued_words(text: str, links: tuple[Link, ...]) -> Iterator[LinkDefect]:
    """Yield the links that a word follows without a space, as in `acme.com/saleReply STOP`."""
    for match in _after_host().finditer(text):
        if is_domain(match["domain"]):
            yield LinkDefect(LinkDefectKind.GLUED, match.start("host"), match.end(), match["word"])
    for link in links:
        found = _after_path().search(text, link.start) if link.rest else None
        if found is None and link.rest:
            found = _AFTER_PUNCTUATION.search(text, link.start)
            found = None if found is None or found["word"].lower() in _EXTENSIONS else found
        if found is not None and link.start < found.start("word") < link.end:
            yield LinkDefect(LinkDefectKind.GLUED, link.start, found.end("word"), found["word"])


@cache
def _words() -> str:
    verbs = chain.from_iterable(table("opt_out_words")["verbs"].values())
    words = {re.sub("^Rep", "R[eé]p", verb.capitalize()) for verb in verbs}
    return "|".join(sorted(words, key=len, reverse=True))


@cache
def _after_host() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<host>(?:[a-z\d-]+\.)+(?P<domain>[a-z]{{2,}}?))(?P<word>{_words()}|STOP|Stop)(?!\w)"
    )


@cache
def _after_path() -> re.Pattern[str]:
    next_word = r"\s+['\"]?[A-Z\d]|\s*[=:]|\s+(?:to|au|an|al|a|om|naar|zum|para|per|pour)\b"
    return re.compile(rf"/\S*?[a-z\d%][.,;!]?(?P<word>{_words()}|STOP|Stop)(?={next_word})")
