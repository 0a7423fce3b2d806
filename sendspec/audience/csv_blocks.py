"""CSV reader: the records of a file in blocks of columns.

Most blocks have no quotes and the same number of fields in every line, so one operation splits them all.
`csv.reader` reads the others: together if each record is one line, else record by record.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from sendspec.audience.column_block import ColumnBlock, ColumnList
from sendspec.audience.csv_dialect import (
    QUOTE_AFTER_SPACE,
    delimiter_problem,
    excel_line_problem,
    has_quote_after_space,
    may_quote_after_space,
    other_file_problem,
)
from sendspec.audience.csv_header import number_column, read_header
from sendspec.audience.decode import text_blocks
from sendspec.errors import SpecError
from sendspec.formatting import pluralize
from sendspec.model import CONTACTS_PER_REQUEST, Location, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.audience.csv_header import Layout
    from sendspec.audience.problem_list import ProblemList
    from sendspec.model import ContactFile, Send

_PLAIN_MAX: Final = 1 << 19
"""Characters, or cells, of records that wait for the rest of their request."""

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


def open_csv(send: Send, file: ContactFile, problems: ProblemList) -> ColumnList:
    """Return a CSV file for one pass; `problems` receives those of its rows.

    Raises:
        SpecError: the header is not valid, or the file cannot be read; it has every entry of `problems`.
    """
    source = _Lines(file)
    layout = _layout(send, file, source, problems)
    return ColumnList(layout, _blocks(file, layout, source, problems))


class _Lines:
    """The lines of a file with their line ends; a record may continue in the next block."""

    def __init__(self, file: ContactFile) -> None:
        self._blocks = text_blocks(file, lambda: self.read_count)
        self._lines: list[str] = []
        self._at = 0
        self._record: list[str] = []
        self.read_count = 0
        """The lines that were read."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while self._at == len(self._lines):
            self.start(next(self._blocks))
        line = self._lines[self._at]
        self._at += 1
        self.read_count += 1
        self._record.append(line)
        return line

    def start(self, block: str) -> None:
        """Continue with the lines of a block."""
        self._lines, self._at = _lines_of(block), 0

    def take_block(self) -> str:
        """Return the rest of the block, or the next one; '' at the end."""
        rest = "".join(self._lines[self._at :])
        self._lines, self._at = [], 0
        return rest or next(self._blocks, "")

    def take_record(self) -> str:
        """Return the lines that were read since the last call."""
        record = "".join(self._record)
        self._record.clear()
        return record

    @property
    def is_block_read(self) -> bool:
        """True if every line of the block is read."""
        return self._at == len(self._lines)


def _lines_of(block: str) -> list[str]:
    """Return the lines of a block, which LF, CRLF or CR ends, as `csv.reader` needs them."""
    return list(io.StringIO(block, newline=""))


def _layout(send: Send, file: ContactFile, source: _Lines, problems: ProblemList) -> Layout:
    """Return the layout of a file, whose header is its first row that is not blank."""
    rows = _rows(file, source, problems, dialect_of=number_column(send, file))
    header = next((row for row in rows if "".join(row[-1]).strip()), None)
    problems.check()
    if header is None:
        problems.refuse(
            Location(file.shown), "the file is empty", "add a header line, and the contacts below it"
        )
    line, names = header
    if has_quote_after_space(source.take_record()):
        problems.refuse(Location(file.shown, line), *QUOTE_AFTER_SPACE)
    return read_header(send, file, line, names, problems)


def _blocks(
    file: ContactFile, layout: Layout, source: _Lines, problems: ProblemList
) -> Iterator[ColumnBlock]:
    """Yield the records after the header, and add the problems of rows."""
    is_open, plain = True, _PlainRecords(layout)
    while is_open and (text := _next_block(source, problems)):
        first_line = source.read_count + 1
        if (cells := _plain_cells(text, layout)) is not None:
            source.read_count += plain.add(cells, len(text), first_line)
            yield from plain.blocks()
            continue
        yield from plain.blocks(is_last=True)
        if (block := _quoted_block(text, layout, first_line)) is not None:
            source.read_count += len(block)
            yield block
            continue
        source.start(text)
        lines: list[int] = []
        records: list[list[str]] = []
        is_open = False
        for line, row in _rows(file, source, problems):
            if _is_record(row, layout, Location(file.shown, line), source.take_record(), problems):
                lines.append(line)
                records.append(row)
            if source.is_block_read:
                is_open = True
                break
        if records:
            yield ColumnBlock(tuple(map(list, zip(*records, strict=True))), lines)
    yield from plain.blocks(is_last=True)
    problems.check()


def _next_block(source: _Lines, problems: ProblemList) -> str:
    """Return the next text of the file, or add its problem; '' at the end."""
    try:
        return source.take_block()
    except SpecError as error:
        for problem in error.problems:
            problems.add(*problem)
        return ""


class _PlainRecords:
    """Records without quotes; they leave it in blocks of one request, which later steps need not join.

    Long or wide records leave it earlier, so that its memory has a limit.
    """

    def __init__(self, layout: Layout) -> None:
        self._columns = range(layout.width)
        self._width = layout.width + 1
        self._cells: list[str] = []
        self._first_line = self._characters = self._added = 0

    def add(self, cells: list[str], characters: int, first_line: int) -> int:
        """Add the cells of `_plain_cells`, and return the number of their records."""
        if not self._cells:
            self._first_line = first_line
        self._cells += cells
        self._characters += characters
        self._added = characters
        return len(cells) // self._width

    def blocks(self, *, is_last: bool = False) -> Iterator[ColumnBlock]:
        """Yield the blocks that are complete, or all of them."""
        size = self._width * CONTACTS_PER_REQUEST
        is_full = max(self._characters, len(self._cells)) > _PLAIN_MAX
        while self._cells and (is_last or is_full or len(self._cells) >= size):
            cells = self._cells[:size]
            del self._cells[:size]
            lines = range(self._first_line, self._first_line + len(cells) // self._width)
            self._first_line = lines.stop
            # The records that remain are of the text that was added last.
            self._characters = self._added if self._cells else 0
            columns = tuple(cells[at :: self._width] for at in self._columns)
            yield ColumnBlock(columns, lines, has_line_breaks=False)


def _plain_cells(text: str, layout: Layout) -> list[str] | None:
    """Return the cells of all lines, each line followed by LF; None if a line has quotes or another width."""
    if '"' in text or len(text) > csv.field_size_limit():
        return None
    width = layout.width + 1
    text = text.replace("\r\n" if "\r" in text else "\n", ",\n,")
    cells = text.split(",")
    line_ends = text.count("\n")
    if text[-2:] == "\n,":
        cells.pop()
    else:
        cells.append("\n")
        line_ends += 1
    # If the LF of each line has its place, all lines are equally long.
    ends = cells[width - 1 :: width]
    if len(cells) != len(ends) * width or ends.count("\n") != len(ends):
        return None
    if line_ends != len(ends) or "\r" in text:
        return None
    return cells


def _quoted_block(text: str, layout: Layout, first_line: int) -> ColumnBlock | None:
    """Return a block with quotes in which every line is one record as wide as the header, else None."""
    if may_quote_after_space(text):
        return None
    lines = _lines_of(text)
    try:
        rows = list(csv.reader(lines, strict=True))
    except csv.Error:  # The block ends inside a field, or has an error that needs a line.
        return None
    if len(rows) != len(lines) or set(map(len, rows)) != {layout.width}:
        return None
    columns = tuple(map(list, zip(*rows, strict=True)))
    return ColumnBlock(columns, range(first_line, first_line + len(rows)), has_line_breaks=False)


def _is_record(row: list[str], layout: Layout, location: Location, text: str, problems: ProblemList) -> bool:
    """Return whether a row can be read, or add its problem; its list gets the width of the header."""
    if has_quote_after_space(text):
        problems.add(location, *QUOTE_AFTER_SPACE)
        return False
    if len(row) == layout.width:
        return True
    if layout.fits(row) or not "".join(row).strip():
        row += [""] * (layout.width - len(row))
        del row[layout.width :]  # These fields are blank.
        return True
    problems.add(location, *(other_file_problem(text) or _width_problem(len(row), layout.width)))
    return False


def _rows(
    file: ContactFile, source: _Lines, problems: ProblemList, dialect_of: str | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield every row that is not empty, with the line where it starts.

    It adds the first error of CSV syntax or encoding to `problems` and ends there. Rows after an
    unclosed quote would be read wrongly. `dialect_of` is the header of the column with the numbers, if
    the dialect of the header line is to be checked.
    """
    lines_before = source.read_count
    try:
        lines = source if dialect_of is None else _checked(file, dialect_of, source)
        for row in csv.reader(lines, strict=True):
            if row:
                yield lines_before + 1, row
            lines_before = source.read_count
    except csv.Error as error:
        problems.add(Location(file.shown, lines_before + 1), *_csv_problem(str(error)))
    except SpecError as error:
        for problem in error.problems:
            problems.add(*problem)


def _checked(file: ContactFile, wanted: str, source: _Lines) -> Iterator[str]:
    """Yield the lines of a file whose header line is in our dialect; raise SpecError if it is not."""
    is_header_read = False
    for line in source:
        if not is_header_read and line.strip():
            is_header_read = True
            problem = other_file_problem(line) or excel_line_problem(line) or delimiter_problem(line, wanted)
            if problem is not None:
                raise SpecError([Problem(Location(file.shown, source.read_count), *problem)])
        yield line


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
