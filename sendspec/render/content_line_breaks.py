"""Compact content: a text without the line breaks that its author cannot see in the spec.

A block scalar `|` ends with a line break, and a template statement on a line of its own leaves an empty
line. Both are sent, and may cost a segment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.template import TemplateError

if TYPE_CHECKING:
    from sendspec.render.string_renderer import StringRenderer

_STATEMENT_LINE: Final = lazy_pattern(r"^[ \t]*((?:\{%(?:(?!%\})[^\n])*%\}[ \t]*)+)\n", re.MULTILINE)


def compact_content(renderer: StringRenderer, source: Any, rendered: Any) -> str | None:
    """Return `rendered` without unseen line breaks, None if it has none; `source` is its template."""
    if not isinstance(source, str) or not isinstance(rendered, str) or "\n" not in rendered:
        return None
    compact = rendered
    if "{%" in source and (bare := _STATEMENT_LINE.sub(r"\1", source)) != source:
        try:
            compact = renderer.templates.render(bare, renderer.context)
        except TemplateError:  # `source` was rendered without an error, so its text is enough.
            compact = rendered
    compact = compact.strip("\r\n")
    return None if compact == rendered else compact
