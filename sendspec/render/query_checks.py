"""Checks of the text of a query: one statement that reads, in an order.

They find mistakes early and with a hint. The session of the connection, which is read-only, decides what
a query may do.
"""

from __future__ import annotations

import re
from typing import Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.template import TemplateError

_SKIPPED: Final = lazy_pattern(
    r"""--[^\n]*
      | /\*(?:[^*]|\*(?!/))*\*/
      | '(?:[^']|'')*'
      | "(?:[^"]|"")*"
      | `[^`]*`
      | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$""",
    re.VERBOSE | re.DOTALL,
)
"""Comments, texts and quoted names, in the notations of the supported databases."""

_OPEN: Final = lazy_pattern(r"""['"`]|/\*|\$\w*\$""")
_READS: Final = lazy_pattern(r"\s*(?:select|with)\b", re.IGNORECASE)
_ORDER_BY: Final = lazy_pattern(r"\border\s+by\b", re.IGNORECASE)
_VALUE: Final = lazy_pattern(r"[\w .,:@+/%-]*")
_COMMENT: Final = ("--", "/*")

Defect = tuple[str, str]
"""A message and its hint."""


def query_defect(sql: str) -> Defect | None:
    """Return what is wrong with the text of a query, None if nothing is."""
    text = _SKIPPED.sub(" ", sql)
    if match := _OPEN.search(text):
        return f"{match.group()} in the query has no end", "close the text, the name or the comment"
    if ";" in text:
        return "the query contains a semicolon", "remove it, and write one statement"
    if _READS.match(text) is None:
        return "the query does not start with select or with", "write a select statement"
    outer = _outside_brackets(text)
    if outer is None:
        return "the brackets of the query do not match", "close every bracket"
    if _ORDER_BY.search(outer) is None:
        return (
            "the query has no order by, so each run could read another order",
            "end the query with order by and columns that no two rows share, such as the number",
        )
    return None


def check_query_value(text: str) -> None:
    """Check the text of an expression that a template inserts into a query.

    Raises:
        TemplateError: it has a character that could end a text of SQL, or start a comment.
    """
    if _VALUE.fullmatch(text) is None or any(mark in text for mark in _COMMENT):
        raise TemplateError(
            "a template inserts a quote or another special character into SQL",
            hint="write the text in the query itself, or remove the character from the variable",
        )


def _outside_brackets(text: str) -> str | None:
    """Return the text outside all brackets, None if they do not match."""
    kept, depth = [], 0
    for part in re.split(r"([()])", text):
        depth += {"(": 1, ")": -1}.get(part, 0)
        if depth < 0:
            return None
        kept.append(part if depth == 0 else " ")
    return None if depth else "".join(kept)
