"""Dialects of contact files that are not ours: other delimiters, Excel's `sep=`, quotes after a space."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

_DELIMITERS: Final = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_EXCEL_LINE: Final = lazy_pattern(r'"?sep=(.?)"?\s*', re.IGNORECASE)
_CONFLICT: Final = lazy_pattern(r"(?:<{7}|>{7}|\|{7}) |={7}\s*$")
_HTML: Final = lazy_pattern(r"\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_SPACE_BEFORE_QUOTE: Final = lazy_pattern(r'[^\S\r\n]"')
_QUOTED_FIELD: Final = lazy_pattern(r'(^|,)"(?:[^"]|"")*"(?=,|[\r\n]|$)')
_QUOTE_AFTER_SPACE: Final = lazy_pattern(r'(?:^|,)[^\S\r\n]+"')
QUOTE_AFTER_SPACE: Final = (
    "a quote follows a space, so it does not start a quoted field",
    "remove the space between the comma and the quote",
)
"""Message and hint: RFC 4180 has no space around a quoted field."""


def excel_line_problem(line: str) -> tuple[str, str] | None:
    """Return the message and hint for Excel's own first line, None if `line` is something else."""
    match = _EXCEL_LINE.fullmatch(line)
    if match is None:
        return None
    other = "" if match[1] == "," else ", and save the file with commas"
    return "the line 'sep=' is an instruction for Excel, not a header", f"delete this line{other}"


def other_file_problem(line: str) -> tuple[str, str] | None:
    """Return the message and hint for a line of a file that is not a list, else None."""
    if _CONFLICT.match(line):
        return "the line is a conflict marker of git", "resolve the conflict, and keep the right rows"
    if _HTML.match(line):
        return "the file is an HTML page, not a list", "download the list itself; this may be a login page"
    return None


def delimiter_problem(line: str, wanted: str) -> tuple[str, str] | None:
    """Return the message and hint for a header line with another delimiter than the comma, else None.

    `wanted` is the header of the column with the numbers.
    """
    names = _fields(line, ",")
    if wanted in names:
        return None
    for delimiter, plural in _DELIMITERS.items():
        others = _fields(line, delimiter)
        if wanted in others[1:] or (len(others) > 1 and (len(names) <= 1 or wanted in others)):
            return f"the columns are separated by {plural}, not by commas", "save the file with commas"
    return None


def _fields(line: str, delimiter: str) -> Sequence[str]:
    """Return the fields of a line, none if it is not valid with this delimiter."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def may_quote_after_space(text: str) -> bool:
    """Return whether a quote follows a space in the text of some rows, in a field or before one."""
    return '"' in text and _SPACE_BEFORE_QUOTE.search(text) is not None


def has_quote_after_space(row: str) -> bool:
    """Return whether a field in the text of a row starts with blanks and a quote."""
    if not may_quote_after_space(row):
        return False
    return _QUOTE_AFTER_SPACE.search(_QUOTED_FIELD.sub(r"\1", row)) is not None
