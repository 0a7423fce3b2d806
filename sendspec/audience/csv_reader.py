"""The contacts of a CSV file, one at a time."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from sendspec.audience.csv_header import NUMBER_PROPERTY, read_header
from sendspec.audience.decode import lines
from sendspec.audience.phone_numbers import normalise
from sendspec.audience.problem_list import Problems
from sendspec.errors import SpecError
from sendspec.model import Contact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendspec.model import ContactFile, Send

_CSV_ERRORS: Final = (
    (
        "unexpected end of data",
        "a quoted field that starts in this row is never closed",
        "close the quote; a quote inside a quoted field is written twice",
    ),
    (
        "field larger than field limit",
        "a field that is far too long for a contact",
        "perhaps a quote is opened in this row and never closed",
    ),
    (
        "expected after",
        "text after the closing quote of a field",
        "a quote inside a quoted field is written twice",
    ),
)
"""What `csv.reader` says, as part of its message; how that reads here, and the way out."""


def read_contacts(send: Send, file: ContactFile) -> Iterator[Contact]:
    """Give the contacts of `file` in its order; each row's place is the line where it starts.

    Cells keep their text exactly, spaces and zeros included; an empty cell is left out, so that
    the default applies. Blank lines are skipped. Raises SpecError with every problem of the file
    (up to `PROBLEMS_PER_FILE`), at the latest where the file ends.
    """
    problems = Problems()
    rows = _rows(file, problems)
    header = next(rows, None)
    problems.check()
    if header is None:
        problems.refuse(
            Location(file.shown), "the file is empty", "it needs a header, and below it the contacts"
        )
    layout = read_header(send, file, *header, problems)
    number, tags, width = layout.number, layout.tags, layout.width
    shown = file.shown
    given: tuple[str, ...] = (NUMBER_PROPERTY[send.endpoint],)
    empty = True
    new = tuple.__new__  # what a NamedTuple's own constructor calls, at half its price
    for line, row in rows:
        empty = False
        if len(row) != width:
            problems.add(Location(shown, line), *_ragged(len(row), width))
            continue
        written = row[number]
        values = {tag: row[at] for tag, at in tags if row[at]}
        identity = normalise(written)
        yield new(
            Contact,
            (new(Location, (shown, line, 1)), identity, given if written else (), written, None, values),
        )
    problems.check()
    if empty:
        problems.add(Location(shown), "the file has no contacts, only a header")
    problems.check()


def _rows(file: ContactFile, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Give every row that is not blank, with the line where it starts.

    Ends where the file is no longer CSV or no longer text, with the problem noted: what follows an
    unclosed quote would be reported wrongly.
    """
    reader = csv.reader(lines(file), strict=True)
    before = 0
    try:
        for row in reader:
            if row:
                yield before + 1, row
            before = reader.line_num
    except csv.Error as error:
        problems.add(Location(file.shown, before + 1), *_in_our_words(str(error)))
    except SpecError as error:
        for problem in error.problems:
            problems.add(*problem)


def _in_our_words(message: str) -> tuple[str, str | None]:
    for part, said, hint in _CSV_ERRORS:
        if part in message:
            return said, hint
    return f"not valid CSV: {message}", None


def _ragged(found: int, width: int) -> tuple[str, str]:
    message = f"{found} field{'' if found == 1 else 's'} where the header has {width}"
    return message, (
        "a value with a comma in it must stand in quotes"
        if found > width
        else "write an empty field for a missing value, so that no value lands in another's column"
    )
