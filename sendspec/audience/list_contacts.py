"""Contacts of a list in any format, in blocks of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.audience.columnar_contacts import contact_columns
from sendspec.audience.csv_blocks import open_csv
from sendspec.audience.json_lines import first_keys, open_json_lines
from sendspec.audience.list_files import ListFormat, list_format, open_list
from sendspec.audience.lookup_contacts import lookup_contacts
from sendspec.audience.problem_list import ProblemList
from sendspec.errors import SpecError
from sendspec.model import ContactQuery, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.audience.column_block import ColumnList
    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.model import ContactFile, ContactList, Send

_HEADER_BYTES: Final = 4096


def read_list(send: Send, file: ContactList) -> Iterator[ContactColumns]:
    """Yield the contacts of a list in order; a contact's location is the line where its record starts.

    Cells keep their exact text, with spaces and zeros. A blank cell has no value, so the default
    applies. Blank records are skipped.

    Raises:
        SpecError: with every problem of the list (up to `PROBLEMS_PER_FILE_MAX`), at its end at the latest.
    """
    problems = ProblemList()
    is_csv = not isinstance(file, ContactQuery) and list_format(file.shown) is ListFormat.CSV
    if isinstance(file, ContactQuery):
        from sendspec.audience.query_lists import open_query  # noqa: PLC0415 - few lists are in a database

        opened = open_query(send, file, problems)
    else:
        opened = _open_file(send, file, problems)
    is_empty = True
    for block in opened.blocks:
        if opened.layout.lookup:
            contacts = lookup_contacts(block, opened.layout, file.shown, send.endpoint)
        else:
            contacts = contact_columns(block, opened.layout, file.shown, send.endpoint.number_property)
        if contacts:
            is_empty = False
            yield contacts
    if is_empty and not file.may_be_empty:
        message = "the file has a header, but no contacts" if is_csv else "the list has no contacts"
        problems.add(Location(file.shown), message, "add a contact, or remove the send")
    problems.check()


def _open_file(send: Send, file: ContactFile, problems: ProblemList) -> ColumnList:
    match list_format(file.shown):
        case ListFormat.CSV:
            return open_csv(send, file, problems)
        case ListFormat.JSON_LINES:
            return open_json_lines(send, file, problems)
        case ListFormat.PARQUET | ListFormat.ARROW:
            from sendspec.audience.arrow_reader import open_arrow_file  # noqa: PLC0415 - few lists need it

            return open_arrow_file(send, file, problems)


def column_names(file: ContactFile) -> str | Sequence[str]:
    """Return the names of the columns, or the text with them; nothing if the list cannot be read."""
    try:
        match list_format(file.shown):
            case ListFormat.JSON_LINES:
                return first_keys(file)
            case ListFormat.PARQUET | ListFormat.ARROW:
                from sendspec.audience.arrow_reader import column_names_of  # noqa: PLC0415 - as above

                return column_names_of(file)
            case ListFormat.CSV:
                pass
        with open_list(file) as stream:
            return stream.read(_HEADER_BYTES).decode(errors="replace")
    except (OSError, SpecError):
        return ()
