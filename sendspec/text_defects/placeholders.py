"""Placeholders in brackets that a person forgot to replace, such as `[FIRST NAME]`, and HTML tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_BRACKETS: Final = re.compile(r"[\[<]/?([A-Za-z][\w' /=\"-]{0,40})[\]>]")
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
    ]
)
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
    words = re.findall(r"[a-z]+", name.casefold())
    if match.group().startswith("<") and words[0] in _HTML_TAGS:
        return True
    return "_" in name.strip("_") or (_KNOWN_WORDS.issuperset(words) and not _PLACEHOLDERS.isdisjoint(words))
