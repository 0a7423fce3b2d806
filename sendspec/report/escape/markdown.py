"""Markdown of GitHub: a comment or a step summary in which untrusted text is only shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from sendspec.lazy_pattern import lazy_pattern
from sendspec.report.escape.characters import JOINERS, json_escape, visible
from sendspec.report.escape.markup import Markup

if TYPE_CHECKING:
    from typing import LiteralString

_BREAK: Final = "<wbr>"
"""An element without content, which ends a text node; GitHub searches each text node for references."""

_HASH_PART: Final = 6
"""The most characters of a commit hash that GitHub does not search for."""

_SHOWN: Final = {
    **{char: f"&#{ord(char)};" for char in "\\`*_[]|~"},
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    "#": f"&#35;{_BREAK}",
    "@": f"@{_BREAK}",
    "$": "<span>&#36;</span>",
}
"""Character references never are syntax, unlike backslashes also in an HTML block.

GitHub finds formulas between dollar signs, and documents the `span` around one that is text
(https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting, as of 2026-11).
"""

_SYNTAX: Final = lazy_pattern(
    r"""
    (?P<space>\A\s+|\s+\Z)
    |(?P<hash>(?<![0-9A-Za-z_])[0-9A-Fa-f]{7,40}(?![0-9A-Za-z_]))
    |(?P<marker>\A(?:[-+=:.)]|\d(?=\d{0,8}(?:[.)]|\Z))))    # starts of lists, headings and tables
    |(?P<reference>
        :/(?=/)                                  # https://
        |(?<![0-9A-Za-z])www(?=\.)
        |(?<![0-9A-Za-z])gh-(?=\d|\Z)            # an issue
        |:(?=[0-9A-Za-z_+-]+(?::|\Z))            # :emoji:
        |\[(?=!)                                 # [!NOTE]
     )
    |(?P<special>[\\`*_\[\]|~<>&\#@$])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_URL: Final = lazy_pattern(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/#=-]*)?")
_FENCE: Final = lazy_pattern("`{3,}")
_NOT_IN_COMMENT: Final = lazy_pattern(r"[^0-9A-Za-z:/._ -]|-(?=-|\Z)|\A-")


@dataclass(frozen=True, slots=True)
class Markdown(Markup):
    """Markdown in which no untrusted text is syntax, a reference, a mention or a link.

    It is the same in a paragraph, a table and an HTML block. GitHub links URLs, mentions, issues and commits
    in rendered text (https://docs.github.com/get-started/writing-on-github, as of 2026-11).
    """

    @classmethod
    def text(cls, text: str) -> Self:
        r"""Return untrusted text as one line of plain text; a line break in it is shown as `\u000a`."""
        return cls(_SYNTAX.sub(_shown, visible(text, keep=JOINERS)))

    @classmethod
    def code(cls, text: str) -> Self:
        """Return untrusted text as code within a line, which may be in a table or an HTML block."""
        return cls(f"<code>{cls.text(text).source}</code>")

    @classmethod
    def code_block(cls, text: str, language: LiteralString = "") -> Self:
        """Return lines of untrusted text as a fenced block, with a line break at its end."""
        shown = visible(text, keep=f"{JOINERS}\n").removesuffix("\n")
        longest = max((len(run) for run in _FENCE.findall(shown)), default=2)
        fence = "`" * (longest + 1)
        return cls(f"{fence}{language}\n{shown}\n{fence}\n")

    @staticmethod
    def is_url(url: str) -> bool:
        """Return whether `link` accepts a URL."""
        return _URL.fullmatch(url) is not None

    @classmethod
    def link(cls, label: LiteralString, url: str) -> Self:
        """Return a link with a text of the code.

        Raises:
            ValueError: the URL has another scheme, or characters that Markdown or HTML could read as syntax.
        """
        if not cls.is_url(url):
            raise ValueError("not a URL that a link may have")
        return cls(f"[{label}]({url})")

    @classmethod
    def comment(cls, text: str) -> Self:
        """Return text that the reader does not see, such as the key by which a later run finds a comment."""
        return cls(f"<!-- {_NOT_IN_COMMENT.sub(lambda found: json_escape(found.group()), text)} -->")


def _shown(found: re.Match[str]) -> str:
    text = found.group()
    match found.lastgroup:
        case "space" | "marker" if text != ":":
            return "".join(f"&#{ord(char)};" for char in text)
        case "hash":
            return _BREAK.join(text[at : at + _HASH_PART] for at in range(0, len(text), _HASH_PART))
        case "reference" | "marker":
            return f"{_SHOWN.get(text, text)}{_BREAK}"
        case _:
            return _SHOWN[text]
