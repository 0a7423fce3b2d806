"""The table of the benchmark: text for a terminal, Markdown for docs/benchmarks.md."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.comparison import Outcome

HEADER: Final = ("row", "measured", "sendspec", "yardstick", "ratio", "goal", "result")
START: Final = "<!-- table of `python -m tests.bench compare --markdown` -->"
_RESULT_CHARACTERS: Final = 60
END: Final = "<!-- end of the table -->"


def text_table(outcomes: Sequence[Outcome]) -> str:
    """Return the table with aligned columns."""
    rows = [HEADER, *map(_cells, outcomes)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def markdown_table(outcomes: Sequence[Outcome], conditions: str) -> str:
    """Return the table between the marks of docs/benchmarks.md, after the conditions of the run."""
    rows = [HEADER, ("---",) * len(HEADER), *map(_cells, outcomes)]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([START, "", f"{conditions}.", "", *lines, "", END])


def has_table(page: str) -> bool:
    """Return whether a page has the marks of the table, in order."""
    return END in page.partition(START)[2]


def replace_table(page: str, table: str) -> str:
    """Return a page that has the marks with another table, which has them too."""
    before, _, rest = page.partition(START)
    return f"{before}{table}{rest.partition(END)[2]}"


def _cells(outcome: Outcome) -> tuple[str, ...]:
    reading = outcome.reading
    product, yardstick, ratio = ("", "", "") if reading is None else reading[:3]
    result = shorten(outcome.result, _RESULT_CHARACTERS, placeholder=" …")
    return (f"`{outcome.row}`", outcome.what, product, yardstick, ratio, outcome.goal, result)
