"""Text of unknown origin, made safe to print: one line, no terminal or workflow commands."""

from __future__ import annotations

import json
import unicodedata
from typing import Any


def printable(text: str) -> str:
    """Give `text` on one line, with control and format characters as escapes.

    A line that a workflow runner reads must not contain `##[` and must not begin with `::`, which
    it would take for commands (https://docs.github.com/actions/reference/workflow-commands).
    """
    safe = text if text.isprintable() else "".join(ch if _plain(ch) else _escape(ch) for ch in text)
    return ("\\" + safe if safe.lstrip().startswith("::") else safe).replace("##[", "#\\u0023[")


def quoted(value: Any) -> str:
    """Give a JSON value on one line, as a person would write it and no machine would obey it."""
    return printable(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _plain(ch: str) -> bool:
    return unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _escape(ch: str) -> str:
    code = ord(ch)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the basic plane
