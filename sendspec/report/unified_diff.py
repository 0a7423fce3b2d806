"""Unified diff of two texts: phone numbers are masked, and control characters are escaped."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from sendspec.redact import Redactor
from sendspec.report.escape.plain import escape_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_BREAK = "\\ No newline at end of file"


def unified_diff(file: str, before: str, after: str) -> str:
    """Return the difference between two texts of a file, empty if there is none."""
    redact = Redactor()
    lines = difflib.unified_diff(list(_lines(before)), list(_lines(after)), file, file, lineterm="")
    return "".join(
        f"{escape_text(part)}\n" for line in lines for part in redact(line.removesuffix("\n")).split("\n")
    )


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, and a note if the last one has no line break."""
    *lines, last = text.split("\n")
    yield from lines
    if last:
        yield f"{last}\n{_NO_BREAK}"
