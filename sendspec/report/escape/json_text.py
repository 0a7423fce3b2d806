"""JSON documents that a terminal and a CI runner can print: escaped, and still the same JSON."""

from __future__ import annotations

import json
from typing import Any

from sendspec.report.escape.characters import visible
from sendspec.report.escape.plain import ESCAPED_COMMAND, RUNNER_COMMAND


def json_document(value: Any) -> str:
    """Return an indented JSON document with a final newline, escaped and still the same JSON."""
    return escape_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


def escape_json(text: str) -> str:
    """Return JSON text, of one or several lines, escaped and still the same JSON."""
    if not text.replace("\n", "").isprintable():
        text = visible(text, keep="\n")
    return RUNNER_COMMAND.sub(ESCAPED_COMMAND, text)
