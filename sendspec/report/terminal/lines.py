"""Lines of text with styles, folded to the width of a terminal."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.style import Style as RichStyle

    from sendspec.report.screen import Screen

_TOKEN: Final = lazy_pattern(r"\s+|\S+")
_WIDTH_MIN: Final = 40
"""Columns below which a line is not folded further, because its words would be cut."""

_ASCII: Final = str.maketrans({"•": "*", "→": "->", "“": '"', "”": '"', "·": "-", "\N{EN DASH}": "-"})
"""Replacements of the report's own characters; the text of a message keeps its characters."""


class Style(StrEnum):
    """What a part of a line means, as a style of rich."""

    PLAIN = ""
    STRONG = "bold"
    DIM = "dim"
    GOOD = "bold green"
    BAD = "bold red"
    NOTICE = "bold yellow"
    RESUMED = "bold cyan"
    CHANGED = "bold magenta"
    ADDED = "green"
    DELETED = "red strike"


class Span(NamedTuple):
    """A part of a line; `is_quoted` marks the text of others, whose characters must stay as they are."""

    text: str
    style: Style = Style.PLAIN
    is_quoted: bool = False


class Line(Struct, frozen=True):
    """A line of a report: inert text, folded with `hang` before each continuation.

    A log keeps a line whole, so that grep finds it, unless `is_prose`.
    """

    content: str | tuple[Span, ...]
    lead: str = ""
    hang: str = "  "
    is_prose: bool = False

    @property
    def spans(self) -> tuple[Span, ...]:
        """The parts of the line."""
        return (Span(self.content),) if isinstance(self.content, str) else self.content


def row(label: str, text: str, *, style: Style = Style.PLAIN) -> Line:
    """Return an indented line with a label in a column of its own."""
    lead = f"    {label:<10}"
    return Line((Span(text, style),), lead, " " * len(lead))


def render(line: Line, screen: Screen) -> str:
    """Return a line for a screen, folded if it has to be."""
    own = [span if screen.is_unicode or span.is_quoted else _ascii(span) for span in line.spans]
    if not screen.is_terminal and not line.is_prose:
        return line.lead + _paint(own, screen)
    folded = _fold(own, line, max(screen.width, _WIDTH_MIN))
    return "\n".join(_paint([Span(lead, Style.DIM), *spans], screen).rstrip() for lead, spans in folded)


def _ascii(span: Span) -> Span:
    return span._replace(text=span.text.translate(_ASCII))


def _paint(spans: Iterable[Span], screen: Screen) -> str:
    if not screen.has_color:
        return "".join(span.text for span in spans)
    from rich.color import ColorSystem  # noqa: PLC0415 - only a terminal with colours needs it

    return "".join(
        _rich_style(span.style).render(span.text, color_system=ColorSystem.STANDARD)
        if span.style
        else span.text
        for span in spans
    )


@cache
def _rich_style(style: Style) -> RichStyle:
    from rich.style import Style as RichStyle  # noqa: PLC0415 - only a terminal with colours needs it

    return RichStyle.parse(style)


def _fold(spans: Iterable[Span], line: Line, width: int) -> Iterator[tuple[str, list[Span]]]:
    """Yield each line of the fold, with what comes before it."""
    from rich.cells import cell_len  # noqa: PLC0415 - a log without prose does not need it

    columns = width - cell_len(line.hang)
    lead, taken, left = line.lead, [], width - cell_len(line.lead)  # type: tuple[str, list[Span], int]
    for word in _words(spans, columns):
        cells = sum(cell_len(span.text) for span in word)
        is_gap = word[0].text.isspace()
        if cells > left and taken and not is_gap:
            yield lead, taken
            lead, taken, left = line.hang, [], columns
        if taken or not is_gap:
            taken += word
            left -= cells
    yield lead, taken


def _words(spans: Iterable[Span], columns: int) -> Iterator[list[Span]]:
    """Yield the words and gaps of a line; a word of several styles has several parts.

    A word wider than a line is cut, because some languages have no spaces.
    """
    from rich.cells import chop_cells  # noqa: PLC0415 - a log without prose does not need it

    word: list[Span] = []
    for span in spans:
        for token in _TOKEN.findall(span.text):
            if word and token.isspace() != word[0].text.isspace():
                yield word
                word = []
            *full, last = chop_cells(token, columns) if len(token) * 2 > columns else [token]
            for piece in full:
                yield [*word, Span(piece, span.style, span.is_quoted)]
                word = []
            word.append(Span(last, span.style, span.is_quoted))
    if word:
        yield word
