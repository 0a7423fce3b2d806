"""Placeholders in brackets that a person forgot to replace, such as `[FIRST NAME]`, and HTML tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_BRACKETS: Final = lazy_pattern(r"[\[<]/?([A-Za-z][\w' /=\"-]{0,40})[\]>]")
_PLACEHOLDERS: Final = frozenset(
    [
        "name",
        "number",
        "surname",
        "firstname",
        "lastname",
        "fname",
        "lname",
        "date",
        "time",
        "link",
        "url",
        "company",
        "brand",
        "city",
        "address",
        "amount",
        "phone",
        "email",
        "placeholder",
        "variable",
        "insert",
        "your",
        "here",
        *("nom", "prenom", "prénom", "lien", "vorname", "nachname", "datum", "nombre", "apellido", "fecha"),
        *("enlace", "nome", "cognome", "sobrenome", "voornaam", "achternaam", "naam"),
    ]
)
"""One of these words makes a text in brackets a placeholder, if all its words are known ones."""
_KNOWN_WORDS: Final = _PLACEHOLDERS | frozenset(
    [
        "first",
        "last",
        "full",
        "middle",
        "day",
        "month",
        "year",
        "code",
        "business",
        "store",
        "shop",
        "price",
        "total",
        "mobile",
        "mail",
        "order",
        "product",
        "item",
        "customer",
        "user",
        "client",
        "recipient",
        "contact",
        "guest",
        "the",
        "my",
        "of",
        "text",
        "message",
        "value",
        "field",
        "tag",
        "location",
        "discount",
        "offer",
        "appointment",
        "doctor",
        "gate",
        "flight",
        "account",
        "balance",
        "title",
        *("client", "cliente", "kunde", "kundin", "klant", "member", "patient", "subscriber"),
    ]
)
_GREETING: Final = lazy_pattern(
    r"\b(?:hi|hello|hey|dear|bonjour|cher|chère|hola|estimado|estimada|hallo|liebe|lieber|ciao|gentile|olá|"
    r"prezado|prezada|beste|geachte|hoi) \Z",
    re.IGNORECASE,
)
"""A greeting before brackets makes a placeholder of any known word, such as `Dear [customer]`."""
_HTML_TAGS: Final = frozenset(
    [
        "b",
        "i",
        "u",
        "p",
        "a",
        "br",
        "hr",
        "em",
        "li",
        "ul",
        "ol",
        "td",
        "tr",
        "div",
        "img",
        "html",
        "body",
        "span",
        "table",
        "strong",
        "font",
    ]
)


def placeholders(text: str) -> Iterator[re.Match[str]]:
    """Yield the placeholders and HTML tags of a text."""
    return (match for match in _BRACKETS.finditer(text) if _is_placeholder(match))


def _is_placeholder(match: re.Match[str]) -> bool:
    name = match[1]
    words = re.findall(r"[^\W\d_]+", name.casefold())
    if match.group().startswith("<") and words[0] in _HTML_TAGS:
        return True
    if "_" in name.strip("_"):
        return True
    is_greeted = _GREETING.search(match.string, max(0, match.start() - 12), match.start()) is not None
    return _KNOWN_WORDS.issuperset(words) and (is_greeted or not _PLACEHOLDERS.isdisjoint(words))
