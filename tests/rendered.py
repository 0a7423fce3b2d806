"""Markdown as GitHub renders it, as plain lines: one line a heading, a row, a paragraph or an item."""

from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt

_ENDS = frozenset({"h1", "h2", "h3", "p", "tr", "li", "summary", "pre"})


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data.replace("\n", " ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _ENDS:
            self.lines.append("")
        elif tag in {"td", "th"}:
            self.lines[-1] += " "


def rendered_lines(markdown: str) -> list[str]:
    """Return the lines that a person reads, without empty ones."""
    parser = _Lines()
    parser.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))
    return [" ".join(line.split()) for line in parser.lines if line.strip()]
