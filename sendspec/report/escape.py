"""Untrusted text made inert: on one line, without commands for a terminal or a workflow runner."""

from __future__ import annotations

import json
import unicodedata
from typing import Any


def escape_text(text: str) -> str:
    r"""Return `text` on one line, with control and format characters as JSON escapes (`\u001b`).

    A line that a workflow runner reads must not contain `##[` or start with `::`, because the runner
    executes both (https://docs.github.com/actions/reference/workflow-commands).
    """
    safe = text if text.isprintable() else "".join(ch if _is_plain(ch) else _escape(ch) for ch in text)
    return ("\\" + safe if safe.lstrip().startswith("::") else safe).replace("##[", "#\\u0023[")


def escape_value(value: Any) -> str:
    """Return a JSON value on one line, escaped like `escape_text`."""
    return escape_text(json.dumps(value, ensure_ascii=False, sort_keys=True))


def json_document(value: Any) -> str:
    """Return an indented JSON document with a final newline, escaped and still the same JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if not text.replace("\n", "").isprintable():
        text = "".join(ch if ch == "\n" or _is_plain(ch) else _escape(ch) for ch in text)
    return text.replace("##[", "#\\u0023[") + "\n"


def _is_plain(ch: str) -> bool:
    return unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _escape(ch: str) -> str:
    units = ch.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
