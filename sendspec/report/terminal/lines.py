"""Lines of text with styles, folded to the width of a terminal."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
    own = line.spans if screen.is_unicode else tuple(map(_ascii, line.spans))
    if not screen.is_terminal and not line.is_prose:
        return line.lead + _paint(own, screen)
    folded = _fold(own, line, max(screen.width, _WIDTH_MIN))
    return "\n".join(_paint((Span(lead, Style.DIM), *spans), screen).rstrip() for lead, spans in folded)


def _ascii(span: Span) -> Span:
    return span if span.is_quoted else span._replace(text=span.text.translate(_ASCII))


def _paint(spans: Iterable[Span], screen: Screen) -> str:
    if not screen.has_color:
        return "".join([span.text for span in spans])
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


def _fold(spans: Sequence[Span], line: Line, width: int) -> Iterator[tuple[str, Iterable[Span]]]:
    """Yield each line of the fold, with what comes before it; no line starts with a gap."""
    from rich.cells import cell_len  # noqa: PLC0415 - a log without prose does not need it

    text = "".join([span.text for span in spans])
    lead, columns, left = line.lead, width - cell_len(line.hang), width - cell_len(line.lead)
    if cell_len(text) <= left and not text[:1].isspace():
        yield lead, spans
        return
    start = end = 0
    for word_end, cells, is_gap in _words(spans, columns):
        if cells > left and end > start and not is_gap:
            yield lead, _cut(spans, start, end)
            lead, start, left = line.hang, end, columns
        if is_gap and end == start:
            start = word_end
        else:
            left -= cells
        end = word_end
    yield lead, _cut(spans, start, end)


def _words(spans: Iterable[Span], columns: int) -> Iterator[tuple[int, int, bool]]:
    """Yield the end of each word and gap of a line, its width, and whether it is a gap.

    A word may have several styles. One that is wider than a line is cut, because some languages have no
    spaces.
    """
    from rich.cells import cell_len, chop_cells  # noqa: PLC0415 - a log without prose does not need it

    start = end = cells = 0
    is_gap = False
    for token in (token for span in spans for token in _TOKEN.findall(span.text)):
        if token.isspace() != is_gap:
            if end > start:
                yield end, cells, is_gap
            start, cells, is_gap = end, 0, not is_gap
        *full, last = chop_cells(token, columns) if len(token) * 2 > columns else [token]
        for piece in full:
            end += len(piece)
            yield end, cells + cell_len(piece), is_gap
            start, cells = end, 0
        end += len(last)
        cells += cell_len(last)
    if end > start:
        yield end, cells, is_gap


def _cut(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """Yield the parts of a line between two offsets."""
    for span in spans:
        if end > 0 and start < len(span.text):
            yield span._replace(text=span.text[max(start, 0) : end])
        start, end = start - len(span.text), end - len(span.text)
