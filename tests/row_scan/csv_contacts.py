"""CSV reader: the contacts of a file, one at a time."""

from __future__ import annotations

import csv
import io
import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from sendspec.audience.csv_dialect import (
    QUOTE_AFTER_SPACE,
    delimiter_problem,
    excel_line_problem,
)
from sendspec.audience.csv_header import number_column, read_header
from sendspec.audience.decode import lines
from sendspec.audience.problem_list import ProblemList
from sendspec.errors import SpecError
from sendspec.formatting import pluralize
from sendspec.model import Contact, Location, Problem
from sendspec.phone import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.audience.csv_header import Layout
    from sendspec.model import ContactFile, Send
    from tests.row_scan.value_scan import ValueScan

_SPACE_BEFORE_QUOTE: Final = re.compile(r'[^\S\r\n]"')
_QUOTED_FIELD: Final = re.compile(r'(^|,)"(?:[^"]|"")*"(?=,|[\r\n]|$)')
_QUOTE_AFTER_SPACE: Final = re.compile(r'(?:^|,)[^\S\r\n]+"')
_CSV_ERRORS: Final = (
    (
        "unexpected end of data",
        "a quoted field that starts in this row has no closing quote",
        "close the quoted field; write a quote inside it twice",
    ),
    (
        "field larger than field limit",
        "a field is too long for a contact",
        "check the quotes in this row; perhaps one has no closing quote",
    ),
    (
        "expected after",
        "a field has text after its closing quote",
        "write a quote inside a quoted field twice",
    ),
)
"""A part of the message of `csv.reader`, with the message and the hint that replace it."""


def read_contacts(send: Send, file: ContactFile, values: ValueScan | None = None) -> Iterator[Contact]:
    """Yield the contacts of `file` in order; the location of each is the line where its row starts.

    Cells keep their exact text, with spaces and zeros. A blank cell has no value, so the default
    applies. Blank rows are skipped. `values` receives the rows that span several lines.

    Raises:
        SpecError: with every problem of the file (up to `PROBLEMS_PER_FILE_MAX`), at its end at the latest.
    """
    problems, watch = ProblemList(), QuoteWatch()
    rows = _rows(file, number_column(send, file), watch, problems)
    layout = _layout(send, file, rows, watch, problems)
    number, tags, width = layout.number, layout.tags, layout.width
    shown = file.shown
    given: tuple[str, ...] = (send.endpoint.number_property,)
    empty = True
    new = tuple.__new__  # A NamedTuple's own constructor calls this too, but takes twice the time.
    for line, lines_of_row, row in rows:
        if watch.is_alert and watch.has_quote_after_space():
            problems.add(Location(shown, line), *QUOTE_AFTER_SPACE)
            continue
        if len(row) != width and not _fit(row, layout, Location(shown, line), problems):
            continue
        written = row[number]
        row_values = {tag: row[at] for tag, at in tags if row[at] and not row[at].isspace()}
        identity = normalise(written)
        if not identity and written.isspace():
            written = ""
        if not written and not row_values and not "".join(row).strip():
            continue
        empty = False
        if lines_of_row > 1 and values is not None:
            values.on_line_break(_cells(row, layout, given[0]), Location(shown, line))
        yield new(
            Contact,
            (
                *(new(Location, (shown, line, 1)), identity, given if written else (), written, None),
                *(row_values, "" if layout.timezone is None else row[layout.timezone]),
            ),
        )
    problems.check()
    if empty and not file.may_be_empty:
        problems.add(
            Location(shown), "the file has a header, but no contacts", "add a contact, or remove the send"
        )
    problems.check()


def _layout(
    send: Send,
    file: ContactFile,
    rows: Iterator[tuple[int, int, list[str]]],
    watch: QuoteWatch,
    problems: ProblemList,
) -> Layout:
    """Return the layout of a file, whose header is its first row that is not blank."""
    header = next((row for row in rows if "".join(row[-1]).strip()), None)
    problems.check()
    if header is None:
        problems.refuse(
            Location(file.shown), "the file is empty", "add a header line, and the contacts below it"
        )
    line, _, names = header
    if watch.is_alert and watch.has_quote_after_space():
        problems.refuse(Location(file.shown, line), *QUOTE_AFTER_SPACE)
    return read_header(send, file, line, names, problems)


def _fit(row: list[str], layout: Layout, location: Location, problems: ProblemList) -> bool:
    """Return whether a row of another width can be read, or add its problem; a short one gets blank cells."""
    if layout.fits(row) or not "".join(row).strip():
        row += [""] * (layout.width - len(row))
        return True
    problems.add(location, *_width_problem(len(row), layout.width))
    return False


def _cells(row: Sequence[str], layout: Layout, number: str) -> list[tuple[str, str]]:
    """Return each cell of a row with its tag, '' if it fills none."""
    tags = {at: tag for tag, at in layout.tags} | {layout.number: number}
    return [(tags.get(at, ""), cell) for at, cell in enumerate(row)]


def _rows(
    file: ContactFile, wanted: str, watch: QuoteWatch, problems: ProblemList
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield every row that is not empty, with the line where it starts and the number of its lines.

    It adds the first error of CSV syntax or encoding to `problems` and ends there. Rows after an
    unclosed quote would be read wrongly. `wanted` is the header of the column with the numbers.
    """
    lines_before = 0
    try:
        reader = csv.reader(_checked(file, wanted, lines(file, watch.lines_of)), strict=True)
        for row in reader:
            if row:
                yield lines_before + 1, reader.line_num - lines_before, row
            lines_before = reader.line_num
    except csv.Error as error:
        problems.add(Location(file.shown, lines_before + 1), *_csv_problem(str(error)))
    except SpecError as error:
        for problem in error.problems:
            problems.add(*problem)


def _checked(file: ContactFile, wanted: str, source: Iterator[str]) -> Iterable[str]:
    """Return the lines of a file whose header line is in our dialect; raise SpecError if it is not."""
    start: list[str] = []
    for line in source:
        start.append(line)
        if line.strip():
            problem = excel_line_problem(line) or delimiter_problem(line, wanted)
            if problem is not None:
                raise SpecError([Problem(Location(file.shown, len(start)), *problem)])
            break
    return chain(start, source)


def _csv_problem(error: str) -> tuple[str, str | None]:
    for part, message, hint in _CSV_ERRORS:
        if part in error:
            return message, hint
    return f"the file is not valid CSV: {error}", "save the file as CSV with commas again"


def _width_problem(fields: int, width: int) -> tuple[str, str]:
    message = f"the row has {pluralize(fields, 'field')}, but the header has {width}"
    return message, (
        "put a value that contains a comma in quotes"
        if fields > width
        else "write an empty field for a missing value, so that every value stays in its column"
    )


class QuoteWatch:
    """Keeps the raw text of rows in blocks that have a space before a quote, and looks only at these rows."""

    def __init__(self) -> None:
        self.is_alert = False
        self._raw: list[str] = []

    def lines_of(self, block: str) -> Iterator[str]:
        """Return the lines of the next block of the file."""
        lines = io.StringIO(block, newline="")
        self.is_alert = True
        return self._recorded(lines) if self.is_alert else lines

    def _recorded(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            self._raw.append(line)
            yield line

    def has_quote_after_space(self) -> bool:
        """Return whether a field of the row that was just read starts with blanks and a quote."""
        row = "".join(self._raw)
        self._raw.clear()
        return _QUOTE_AFTER_SPACE.search(_QUOTED_FIELD.sub(r"\1", row)) is not None
