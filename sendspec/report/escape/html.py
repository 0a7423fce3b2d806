"""HTML: a page in which untrusted text is only shown, and data of its script is only data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Self

from sendspec.lazy_pattern import lazy_pattern
from sendspec.report.escape.characters import JOINERS, visible
from sendspec.report.escape.markup import Markup

_KEPT: Final = f"{JOINERS}\n"
_IN_SCRIPT: Final = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&'\u2028\u2029"})
_NOT_IN_CSS: Final = lazy_pattern(r"[^0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Html(Markup):
    """HTML in which no untrusted text is markup; the quotes of an attribute are part of the template.

    Jinja does not escape it a second time.
    """

    @classmethod
    def text(cls, text: str) -> Self:
        """Return untrusted text for an element or a quoted attribute; line breaks stay."""
        return cls(escape(visible(text, keep=_KEPT), quote=True))

    @classmethod
    def code(cls, text: str) -> Self:
        """Return untrusted text as code within a line."""
        return cls(f"<code>{cls.text(text).source}</code>")

    @classmethod
    def script_json(cls, value: Any) -> Self:
        """Return a JSON value for a `script` element; a browser reads the same value."""
        return cls(json.dumps(value, ensure_ascii=False).translate(_IN_SCRIPT))

    @classmethod
    def css_string(cls, text: str) -> Self:
        """Return untrusted text as a string of a style sheet, with its quotes."""
        shown = visible(text, keep=JOINERS)
        escaped = _NOT_IN_CSS.sub(lambda found: f"\\{ord(found.group()):x} ", shown)
        return cls(f'"{escaped}"')

    def __html__(self) -> str:
        """Return the source, as template engines ask for it."""
        return self.source
