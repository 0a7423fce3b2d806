"""Text for a terminal and for the log of a CI runner: one line, which neither of them executes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.report.escape.characters import visible

if TYPE_CHECKING:
    import re

RUNNER_COMMAND: Final = lazy_pattern(r"##(?=\w*\[)")
ESCAPED_COMMAND: Final = r"#\\u0023"

_PART_OF_COMMAND: Final = lazy_pattern(r"\A#(?=\w*\[)|##(?=\w*(?:\[|\Z))")
r"""`##[` and `##vso[`, also if the line has the rest of it before or after this text."""

_SORTED: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
"""Created once, because a plan of thousands of sends has tens of thousands of values."""


def escape_text(text: str) -> str:
    r"""Return `text` on one line, with control and format characters as JSON escapes (`\u001b`).

    A line that a workflow runner reads must not start with `::` or contain `##[` or `##vso[`, because a
    runner executes them (https://docs.github.com/actions/reference/workflow-commands and
    https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands).
    """
    safe = visible(text)
    if safe.lstrip().startswith("::"):
        safe = f"\\{safe}"
    return _PART_OF_COMMAND.sub(_escape_last, safe) if "#" in safe else safe


def escape_value(value: Any) -> str:
    """Return a JSON value on one line, escaped like `escape_text`."""
    return escape_text(_SORTED.encode(value))


def _escape_last(command: re.Match[str]) -> str:
    return f"{command.group()[:-1]}\\u0023"
