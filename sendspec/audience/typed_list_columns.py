"""Columns of lists that are not CSV: which ones a send reads, and their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.audience.column_block import ColumnBlock
from sendspec.audience.csv_header import Layout, LookupColumn
from sendspec.audience.typed_cell_text import cell_text, column_texts, number_text
from sendspec.model import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sendspec.audience.problem_list import ProblemList
    from sendspec.audience.typed_cell_text import CellError


class RecordColumns(Struct, frozen=True):
    """The columns that a send reads: their names in the list, and the layout of blocks of them."""

    names: tuple[str, ...]
    layout: Layout

    def block(
        self,
        shown: str,
        values_of: Callable[[str], Sequence[object]],
        lines: Sequence[int],
        problems: ProblemList,
    ) -> ColumnBlock:
        """Return the texts of some records; `values_of` returns the values of a column by its name."""

        def on_error(offset: int, error: CellError) -> None:
            problems.add(Location(shown, lines[offset]), error.message, error.hint)

        converters = (number_text if at == self.layout.number else cell_text for at in range(len(self.names)))
        texts = (
            column_texts(values_of(name), convert, on_error)
            for name, convert in zip(self.names, converters, strict=True)
        )
        return ColumnBlock(tuple(texts), lines)


def record_columns(
    number: str | None,
    tags: Mapping[str, str],
    keys: Sequence[Mapping[str, str]] = (),
    zone: str | None = None,
    *,
    unread_zones: bool = False,
) -> RecordColumns:
    """Return the columns of a number, of tags, of the keys of a lookup and of time zones, by their names."""
    headers = (key["value"] for key in keys)
    numbers, zones = ([] if name is None else [name] for name in (number, zone))
    names = tuple(dict.fromkeys((*numbers, *tags.values(), *headers, *zones)))
    offsets = {name: offset for offset, name in enumerate(names)}
    layout = Layout(
        width=len(names),
        width_min=len(names),
        number=-1 if number is None else 0,
        tags=tuple((tag, offsets[name]) for tag, name in tags.items()),
        lookup=tuple(LookupColumn(key["name"], key["channel"], offsets[key["value"]]) for key in keys),
        timezone=None if zone is None else offsets[zone],
        unread_zones=unread_zones,
    )
    return RecordColumns(names, layout)
