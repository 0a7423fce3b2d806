"""Contacts by columns: the numbers of some contacts in one list, and the values of each tag in another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, overload

import orjson
from msgspec import Struct, field

from sendspec.model import Location
from sendspec.phone import normalised_column
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.audience.column_block import ColumnBlock
    from sendspec.audience.csv_header import Layout
    from sendspec.model import Contact


class ContactColumns(Struct, frozen=True):
    """Contacts in the order of their list; all columns are equally long, and nothing changes them.

    `identities` has what identifies each recipient: the normalised number (digits only) or the canonical
    JSON of a lookup, '' if the contact is refused. `written` has the values of `number_property`, as
    written. `values` has one column for each of `tags`; a text of blanks is not a value. `lines`
    are those of the list `shown`. `inline` has the contacts of a campaign file as read, whose locations
    have columns; then `tags` is empty, and the only column of `values` has all values of a contact in
    one text. `zones` has the time zone of each contact as written, '' if it has none; None if the list
    has no such column. `unread_zones` is that of the layout.

    Only a whole block has the last two: `broken` has the records whose cells contain line breaks, by
    offset, as each tag ('' if none) and cell; `numbers` is `plain_numbers` of the identities.
    """

    shown: str
    number_property: str
    lines: Sequence[int]
    identities: list[str]
    written: list[str]
    tags: tuple[str, ...]
    values: tuple[list[str], ...]
    inline: tuple[Contact, ...] = ()
    zones: list[str] | None = None
    unread_zones: bool = False
    broken: Mapping[int, Sequence[tuple[str, str]]] = field(default_factory=dict)
    numbers: list[int] | None = None

    def __len__(self) -> int:
        return len(self.identities)

    def location(self, at: int) -> Location:
        """Return the location of one contact."""
        return self.inline[at].location if self.inline else Location(self.shown, self.lines[at])

    def personalization(self, at: int) -> Mapping[str, str]:
        """Return the values of one contact by tag, without the tags that have none."""
        if self.inline:
            return self.inline[at].personalization
        cells = ((tag, column[at]) for tag, column in zip(self.tags, self.values, strict=True))
        return {tag: cell for tag, cell in cells if cell and not cell.isspace()}

    def column(self, tag: str) -> list[str] | None:
        """Return the values of one tag, '' for a contact without one; None if no contact can have one."""
        if self.inline:
            return [contact.personalization.get(tag, "") for contact in self.inline]
        return self.values[self.tags.index(tag)] if tag in self.tags else None

    def without_blanks(self) -> ContactColumns:
        """Return the contacts with '' for each value of blanks."""
        if self.inline or not any(any(map(str.isspace, column)) for column in self.values):
            return self
        values = (["" if cell.isspace() else cell for cell in column] for column in self.values)
        return replace(self, values=tuple(values))

    def given(self, at: int) -> tuple[str, ...]:
        """Return the names of the identity properties of one contact; a valid contact has one."""
        if self.inline:
            return self.inline[at].given
        return (self.number_property,) if self.written[at] else ()

    def lookup(self, at: int) -> tuple[Mapping[str, Any], ...] | None:
        """Return the lookup of one contact, None if it has a number."""
        return self.inline[at].lookup if self.inline else None

    def slice(self, start: int, stop: int) -> ContactColumns:
        """Return the contacts from `start` up to `stop`."""
        if start == 0 and stop >= len(self):
            return self
        part = slice(start, stop)
        identities = self.identities[part]
        values = tuple(column[part] for column in self.values)
        return ContactColumns(
            self.shown,
            self.number_property,
            self.lines[part],
            identities,
            identities if self.written is self.identities else self.written[part],
            self.tags,
            values,
            self.inline[part],
            None if self.zones is None else self.zones[part],
            self.unread_zones,
        )

    def take(self, offsets: Sequence[int]) -> ContactColumns:
        """Return the contacts at `offsets`."""
        return ContactColumns(
            self.shown,
            self.number_property,
            [self.lines[at] for at in offsets],
            [self.identities[at] for at in offsets],
            [self.written[at] for at in offsets],
            self.tags,
            tuple([column[at] for at in offsets] for column in self.values),
            tuple(self.inline[at] for at in offsets) if self.inline else (),
            None if self.zones is None else [self.zones[at] for at in offsets],
            self.unread_zones,
        )


def joined(parts: Sequence[ContactColumns]) -> ContactColumns:
    """Return the contacts of all `parts`, which are of one list; there must be one."""
    first = parts[0]
    if len(parts) == 1:
        return first
    flat = chain.from_iterable
    identities = list(flat([part.identities for part in parts]))
    is_plain = all(part.written is part.identities for part in parts)
    return ContactColumns(
        first.shown,
        first.number_property,
        _JoinedLines([part.lines for part in parts]),
        identities,
        identities if is_plain else list(flat([part.written for part in parts])),
        first.tags,
        tuple(list(flat([part.values[at] for part in parts])) for at in range(len(first.values))),
        tuple(flat([part.inline for part in parts])),
        None if first.zones is None else list(flat([part.zones or () for part in parts])),
        first.unread_zones,
    )


class _JoinedLines(Sequence[int]):
    """The lines of several parts, which are mostly ranges, so no list of them is necessary."""

    def __init__(self, parts: Sequence[Sequence[int]]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[int]: ...
    def __getitem__(self, at: int | slice) -> int | Sequence[int]:
        if isinstance(at, slice):
            return list(chain.from_iterable(self._parts))[at]
        for part in self._parts:
            if at < len(part):
                return part[at]
            at -= len(part)
        raise IndexError(at)


def plain_numbers(identities: Sequence[str]) -> list[int] | None:
    """Return identities as integers, None unless all are digits without leading zeros, below 2**64."""
    joined = ",".join(identities)
    if not joined.isascii() or joined.encode().translate(None, b"0123456789,"):
        return None
    try:
        numbers: list[int] = orjson.loads(f"[{joined}]")
    except orjson.JSONDecodeError:  # JSON has no empty numbers, and no numbers with leading zeros.
        return None
    # JSON reads a larger number as a float. One empty text is an empty array.
    return numbers if set(map(type, numbers)) == {int} and len(numbers) == len(identities) else None


def contact_columns(block: ColumnBlock, layout: Layout, shown: str, number_property: str) -> ContactColumns:
    """Return the contacts of a block of the list `shown`, without blank records."""
    written = block.columns[layout.number]
    numbers = plain_numbers(written)
    identities = written if numbers is not None else normalised_column(written)
    contacts = ContactColumns(
        shown,
        number_property,
        block.lines,
        identities,
        written,
        tuple(tag for tag, _ in layout.tags),
        tuple(block.columns[at] for _, at in layout.tags),
        zones=None if layout.timezone is None else block.columns[layout.timezone],
        unread_zones=layout.unread_zones,
        numbers=plain_numbers(identities) if numbers is None else numbers,
    )
    records: Sequence[int] = range(len(contacts))
    if "" in identities:
        given = ["" if cell.isspace() else cell for cell in written]
        contacts = replace(contacts, written=given)
        records = [at for at in records if given[at] or not _is_blank(block, at)]
        if len(records) < len(contacts):
            contacts = contacts.take(records)
    if not block.has_line_breaks:
        return contacts
    tags = {at: tag for tag, at in layout.tags} | {layout.number: number_property}
    return replace(contacts, broken=broken_records(block, records, tags))


def _is_blank(block: ColumnBlock, at: int) -> bool:
    return not any(column[at].strip() for column in block.columns)


def broken_records(
    block: ColumnBlock, records: Sequence[int], tags: Mapping[int, str]
) -> dict[int, list[tuple[str, str]]]:
    """Return the cells of the records that contain line breaks, by the offset in `records`."""
    broken = {
        at for column in block.columns for at, cell in enumerate(column) if "\n" in cell or "\r" in cell
    }
    if not broken:
        return {}
    return {
        offset: [(tags.get(column, ""), cells[at]) for column, cells in enumerate(block.columns)]
        for offset, at in enumerate(records)
        if at in broken
    }
