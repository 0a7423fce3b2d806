"""Contacts of a list in any format, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.audience.json_lines import first_keys, open_json_lines
from sendspec.audience.list_files import ListFormat, list_format, open_list
from sendspec.audience.problem_list import ProblemList
from sendspec.errors import SpecError
from sendspec.model import Contact, Location
from sendspec.phone import normalise
from tests.row_scan.csv_contacts import read_contacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.audience.column_block import ColumnBlock
    from sendspec.audience.csv_header import Layout
    from sendspec.model import ContactFile, Send
    from tests.row_scan.value_scan import ValueScan

_HEADER_BYTES: Final = 4096
_OPENERS: Final = {ListFormat.JSON_LINES: open_json_lines}


def read_list(send: Send, file: ContactFile, values: ValueScan | None = None) -> Iterator[Contact]:
    """Yield the contacts of a list in order, as `read_contacts` does.

    Raises:
        SpecError: with every problem of the list, at its end at the latest.
    """
    opener = _OPENERS.get(list_format(file.shown))
    if opener is None:
        yield from read_contacts(send, file, values)
        return
    problems = ProblemList()
    opened = opener(send, file, problems)
    given, is_empty = (send.endpoint.number_property,), True
    for block in opened.blocks:
        for contact in _contacts(block, opened.layout, file.shown, given, values):
            is_empty = False
            yield contact
    if is_empty and not file.may_be_empty:
        problems.add(Location(file.shown), "the list has no contacts", "add a contact, or remove the send")
    problems.check()


def column_names(file: ContactFile) -> str | Sequence[str]:
    """Return the names of the columns, or the text with them; nothing if the list cannot be read."""
    try:
        if list_format(file.shown) is ListFormat.JSON_LINES:
            return first_keys(file)
        with open_list(file) as stream:
            return stream.read(_HEADER_BYTES).decode(errors="replace")
    except (OSError, SpecError):
        return ()


def _contacts(
    block: ColumnBlock, layout: Layout, shown: str, given: tuple[str, ...], values: ValueScan | None
) -> Iterator[Contact]:
    numbers, tags = block.columns[layout.number], [(tag, block.columns[at]) for tag, at in layout.tags]
    for index, (line, written) in enumerate(zip(block.lines, numbers, strict=True)):
        texts = {tag: cells[index] for tag, cells in tags if cells[index] and not cells[index].isspace()}
        location, identity = Location(shown, line), normalise(written)
        if not identity and written.isspace():
            written = ""  # noqa: PLW2901 - a blank number is none
        zone = "" if layout.timezone is None else block.columns[layout.timezone][index]
        if not written and not texts and not zone.strip():
            continue
        cells = [(given[0], written), *texts.items()]
        if values is not None and any("\n" in cell or "\r" in cell for _, cell in cells):
            values.on_line_break(cells, location)
        yield Contact(location, identity, given if written else (), written, None, texts, zone)
