"""CSV reader: the contacts of a file, one at a time."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from sendspec.audience.csv_header import read_header
from sendspec.audience.decode import lines
from sendspec.audience.problem_list import ProblemList
from sendspec.errors import SpecError
from sendspec.formatting import pluralize
from sendspec.model import Contact, Location
from sendspec.phone import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import ContactFile, Send

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


def read_contacts(send: Send, file: ContactFile) -> Iterator[Contact]:
    """Yield the contacts of `file` in order; the location of each is the line where its row starts.

    Cells keep their exact text, with spaces and zeros. A blank cell has no value, so the default
    applies. Blank lines are skipped.

    Raises:
        SpecError: with every problem of the file (up to `PROBLEMS_PER_FILE_MAX`), at its end at the latest.
    """
    problems = ProblemList()
    rows = _rows(file, problems)
    header = next(rows, None)
    problems.check()
    if header is None:
        problems.refuse(
            Location(file.shown), "the file is empty", "add a header line, and the contacts below it"
        )
    layout = read_header(send, file, *header, problems)
    number, tags, width = layout.number, layout.tags, layout.width
    shown = file.shown
    given: tuple[str, ...] = (send.endpoint.number_property,)
    empty = True
    new = tuple.__new__  # A NamedTuple's own constructor calls this too, but takes twice the time.
    for line, row in rows:
        empty = False
        if len(row) != width:
            problems.add(Location(shown, line), *_width_problem(len(row), width))
            continue
        written = row[number]
        values = {tag: row[at] for tag, at in tags if row[at] and not row[at].isspace()}
        identity = normalise(written)
        if not identity and written.isspace():
            written = ""
        yield new(
            Contact,
            (new(Location, (shown, line, 1)), identity, given if written else (), written, None, values),
        )
    problems.check()
    if empty and not file.may_be_empty:
        problems.add(
            Location(shown), "the file has a header, but no contacts", "add a contact, or remove the send"
        )
    problems.check()


def _rows(file: ContactFile, problems: ProblemList) -> Iterator[tuple[int, list[str]]]:
    """Yield every row that is not blank, with the line where it starts.

    It adds the first error of CSV syntax or encoding to `problems` and ends there. Rows after an
    unclosed quote would be read wrongly.
    """
    reader = csv.reader(lines(file), strict=True)
    lines_before = 0
    try:
        for row in reader:
            if row:
                yield lines_before + 1, row
            lines_before = reader.line_num
    except csv.Error as error:
        problems.add(Location(file.shown, lines_before + 1), *_csv_problem(str(error)))
    except SpecError as error:
        for problem in error.problems:
            problems.add(*problem)


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
