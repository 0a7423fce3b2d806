"""What GitHub shows of Markdown: its parser, a second parser with more syntax, and its search for references.

GitHub renders with cmark-gfm. Then it links mentions, issues, commits and emoji in the text nodes
(https://docs.github.com/get-started/writing-on-github, as of 2026-11).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import cmarkgfm
import html5lib
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_GITHUB_PRE_LANG
_REFERENCE = re.compile(
    r"""
    @[0-9A-Za-z]                                     # a person, a team, an e-mail address
    |\#[0-9]|(?<![0-9A-Za-z])gh-[0-9]                # an issue
    |(?<![0-9A-Za-z_])[0-9a-f]{7,40}(?![0-9A-Za-z_]) # a commit
    |://|(?<![0-9A-Za-z])www\.                       # a link
    |:[0-9A-Za-z_+-]+:                               # an emoji
    |\[!                                             # an alert
    |\$.|.\$                                         # a formula
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SECOND = (
    MarkdownIt("gfm-like", {"html": True})
    .use(footnote_plugin)
    .use(tasklists_plugin)
    .use(dollarmath_plugin, allow_digits=True)
)
_SECOND.linkify.add("//", None)  # GitHub needs a scheme.
_SECOND.linkify.set({"fuzzy_link": False})


class Shown:
    """Markdown as a reader sees it: text, elements, attributes, and the references that GitHub finds."""

    def __init__(self, source: str) -> None:
        html = cmarkgfm.github_flavored_markdown_to_html(source, options=_OPTIONS)
        root = html5lib.parseFragment(html, namespaceHTMLElements=False)
        found = [element for element in root.iter() if element is not root]
        self.elements = [element.tag for element in found if isinstance(element.tag, str)]
        self.attributes = [value for element in found for value in element.attrib.values()]
        self.nodes = [node for node in _text_nodes(root) if node]
        self.text = "".join(self.nodes)
        self.references = [found.group() for node in self.nodes if (found := _REFERENCE.search(node))]


def second_reading(source: str) -> list[str]:
    """Return the types of the tokens that another parser finds; HTML as `html_inline <wbr>`."""
    found = []
    for block in _SECOND.parse(source):
        for token in block.children or [block]:
            shown = f" {token.content}" if token.type == "html_inline" else ""
            found.append(f"{token.type}{shown}")
    return found


def _text_nodes(element: Element) -> Iterator[str]:
    if isinstance(element.tag, str):  # A comment has a function instead.
        yield element.text or ""
    for child in element:
        yield from _text_nodes(child)
        yield child.tail or ""
