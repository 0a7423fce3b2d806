"""The table of the benchmark: text for a terminal, Markdown for docs/benchmarks.md.

A page has a paragraph with the conditions of each run, and one table. A run replaces only the
rows that it has measured; the others keep their figures and their conditions.
"""

from __future__ import annotations

import re
from textwrap import shorten
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.comparison import Outcome

HEADER: Final = ("row", "measured", "sendspec", "yardstick", "ratio", "goal", "result")
START: Final = "<!-- table of `python -m tests.bench compare --markdown` -->"
_RESULT_CHARACTERS: Final = 60
END: Final = "<!-- end of the table -->"
_ROW: Final = re.compile(r"\| `([\w-]+)` \|")
_CONDITIONS: Final = re.compile(r"((?:`[\w-]+`, )*`[\w-]+`): (.*)\.")


class _Measured(NamedTuple):
    """The lines of one row in the table of a page, and the conditions of their run."""

    conditions: str
    lines: tuple[str, ...]


def text_table(outcomes: Sequence[Outcome]) -> str:
    """Return the table with aligned columns."""
    rows = [HEADER, *map(_cells, outcomes)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def markdown_table(outcomes: Sequence[Outcome], conditions: str, page: str = "") -> str:
    """Return the table between the marks of docs/benchmarks.md, after the conditions of the run.

    The rows of the table in `page` that have not been measured stay, in the order of the page; new rows
    follow them.
    """
    new = {outcome.row: _Measured(conditions, ()) for outcome in outcomes}
    for outcome in outcomes:
        new[outcome.row] = _Measured(conditions, (*new[outcome.row].lines, _line(_cells(outcome))))
    rows = _rows_of(page) | new
    paragraphs = [f"{line}\n" for line in _conditions_of(rows)]
    table = [_line(HEADER), _line(("---",) * len(HEADER))]
    table += [line for row in rows.values() for line in row.lines]
    return "\n".join([START, "", *paragraphs, *table, "", END])


def has_table(page: str) -> bool:
    """Return whether a page has the marks of the table, in order."""
    return END in page.partition(START)[2]


def replace_table(page: str, table: str) -> str:
    """Return a page that has the marks with another table, which has them too."""
    before, _, rest = page.partition(START)
    return f"{before}{table}{rest.partition(END)[2]}"


def _rows_of(page: str) -> dict[str, _Measured]:
    """Return the rows of the table in a page by name."""
    content = page.partition(START)[2].partition(END)[0].splitlines()
    lines: dict[str, list[str]] = {}
    for line in content:
        if found := _ROW.match(line):
            lines.setdefault(found[1], []).append(line)
    conditions: dict[str, str] = {}
    for line in content:
        if line and not line.startswith("|"):
            found = _CONDITIONS.fullmatch(line)
            names = re.findall(r"[\w-]+", found[1]) if found else lines
            conditions |= dict.fromkeys(names, found[2] if found else line.removesuffix("."))
    return {name: _Measured(conditions.get(name, ""), tuple(of_row)) for name, of_row in lines.items()}


def _conditions_of(rows: dict[str, _Measured]) -> Iterable[str]:
    """Yield the conditions of each run, with the names of its rows if there are several runs."""
    runs: dict[str, list[str]] = {}
    for name, row in rows.items():
        runs.setdefault(row.conditions, []).append(f"`{name}`")
    for conditions, names in runs.items():
        yield f"{conditions}." if len(runs) == 1 else f"{', '.join(names)}: {conditions}."


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cells(outcome: Outcome) -> tuple[str, ...]:
    reading = outcome.reading
    product, yardstick, ratio = ("", "", "") if reading is None else reading[:3]
    result = shorten(outcome.result, _RESULT_CHARACTERS, placeholder=" …")
    return (f"`{outcome.row}`", outcome.what, product, yardstick, ratio, outcome.goal, result)
