"""Column blocks: some whole records of a contact list, as one list of cells for each column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.audience.csv_header import Layout


class ColumnBlock(Struct, frozen=True):
    """Records of a list by columns; a reader yields its blocks in the order of the list.

    `columns[k][i]` is the exact text of column `k` in record `i`, '' if the cell is empty or null; all
    columns are equally long. `lines[i]` is the line where record `i` starts, from 1, or the number of
    the record in a format without lines, so messages show `Location(shown, lines[i])`. Blocks have some
    hundred to some thousand records, because the memory of a scan grows with the largest one. A block
    may contain blank records, which the scan skips. `has_line_breaks` is False only if the reader
    knows that no cell contains LF or CR, so that the scan does not search for them.
    """

    columns: tuple[list[str], ...]
    lines: Sequence[int]
    has_line_breaks: bool = True

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.lines)


class ColumnList(Struct, frozen=True):
    """A list that is open for one pass: the layout of its columns, then its blocks.

    `layout` has offsets into `ColumnBlock.columns`. A reader of a format with a schema need not read
    columns that `layout` does not use. `blocks` raises SpecError with every problem of the list, at its
    end at the latest.
    """

    layout: Layout
    blocks: Iterator[ColumnBlock]
