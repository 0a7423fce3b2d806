"""Untrusted text made inert: on one line, without commands for a terminal or a workflow runner."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Final

_RUNNER_COMMAND: Final = re.compile(r"##(?=\w*\[)")
_ESCAPED: Final = r"#\\u0023"
_SORTED: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
"""Created once, because a plan of thousands of sends has tens of thousands of values."""


def escape_text(text: str) -> str:
    r"""Return `text` on one line, with control and format characters as JSON escapes (`\u001b`).

    A line that a workflow runner reads must not start with `::` or contain `##[` or `##vso[`, because a
    runner executes them (https://docs.github.com/actions/reference/workflow-commands and
    https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands).
    """
    safe = text if text.isprintable() else "".join(ch if _is_plain(ch) else _escape(ch) for ch in text)
    if safe.lstrip().startswith("::"):
        safe = f"\\{safe}"
    return _RUNNER_COMMAND.sub(_ESCAPED, safe) if "##" in safe else safe


def escape_value(value: Any) -> str:
    """Return a JSON value on one line, escaped like `escape_text`."""
    return escape_text(_SORTED.encode(value))


def json_document(value: Any) -> str:
    """Return an indented JSON document with a final newline, escaped and still the same JSON."""
    return escape_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


def escape_json(text: str) -> str:
    """Return JSON text, of one or several lines, escaped and still the same JSON."""
    if not text.replace("\n", "").isprintable():
        text = "".join(ch if ch == "\n" or _is_plain(ch) else _escape(ch) for ch in text)
    return _RUNNER_COMMAND.sub(_ESCAPED, text)


def _is_plain(ch: str) -> bool:
    return unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _escape(ch: str) -> str:
    units = ch.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
