"""Text of unknown origin, made safe to print: one line, no terminal or workflow commands."""

from __future__ import annotations

import json
import unicodedata
from typing import Any


def printable(text: str) -> str:
    """Give `text` on one line, with control and format characters as JSON would escape them.

    A line that a workflow runner reads must not contain `##[` and must not begin with `::`, which
    it would take for commands (https://docs.github.com/actions/reference/workflow-commands).
    """
    safe = text if text.isprintable() else "".join(ch if _plain(ch) else _escape(ch) for ch in text)
    return ("\\" + safe if safe.lstrip().startswith("::") else safe).replace("##[", "#\\u0023[")


def quoted(value: Any) -> str:
    """Give a JSON value on one line, as a person would write it and no machine would obey it."""
    return printable(json.dumps(value, ensure_ascii=False, sort_keys=True))


def json_text(value: Any) -> str:
    """Give an indented JSON document with a final newline, of which the same holds: it is still JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if not text.replace("\n", "").isprintable():
        text = "".join(ch if ch == "\n" or _plain(ch) else _escape(ch) for ch in text)
    return text.replace("##[", "#\\u0023[") + "\n"


def _plain(ch: str) -> bool:
    return unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _escape(ch: str) -> str:
    units = ch.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
