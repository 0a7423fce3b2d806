"""Reader of Parquet and Arrow files, and of every other stream of Arrow batches."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from sendspec.audience.arrow_values import is_supported, slices, values_of
from sendspec.audience.column_block import ColumnList
from sendspec.audience.csv_header import lookup_keys, read_header
from sendspec.audience.list_files import (
    ListFormat,
    is_read_at_path,
    list_format,
    open_list,
    refuse_missing_extra,
)
from sendspec.audience.timezone_columns import timezone_header
from sendspec.audience.typed_list_columns import record_columns
from sendspec.errors import SpecError
from sendspec.model import Location, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import NoReturn

    from arro3.core import RecordBatch, RecordBatchReader, Schema

    from sendspec.audience.column_block import ColumnBlock
    from sendspec.audience.problem_list import ProblemList
    from sendspec.audience.typed_list_columns import RecordColumns
    from sendspec.model import ContactFile, ContactList, Send

ROWS_MAX: Final = 100_000_000
"""A small file can repeat one value, so the size of a file does not limit its rows."""

_PARQUET: Final = b"PAR1"
_ARROW: Final = b"ARROW1"
_FEATHER_1: Final = b"FEA1"
_FOOTER_BYTES: Final = 8
_CAUSE_LENGTH_MAX: Final = 120


def open_arrow_file(send: Send, file: ContactFile, problems: ProblemList) -> ColumnList:
    """Return a Parquet or Arrow list for one pass; the line of a contact is its row, from 1.

    Raises:
        SpecError: the file cannot be read, or does not have the columns of the send.
    """
    with ExitStack() as stack:
        reader = _open(file, stack)
        opened = open_batches(send, file, reader.schema, _batches(file, reader), problems)
        kept = stack.pop_all()
    return ColumnList(opened.layout, _closing(kept, opened.blocks))


def open_batches(
    send: Send, file: ContactList, schema: Schema, batches: Iterable[RecordBatch], problems: ProblemList
) -> ColumnList:
    """Return a list whose rows are those of Arrow batches.

    Raises:
        SpecError: the schema does not have the columns of the send, or one has a type without a text.
    """
    names = schema.names
    whole = read_header(send, file, 1, names, problems, described="the list")
    tags = {tag: names[offset] for tag, offset in whole.tags}
    header = None if whole.number < 0 else names[whole.number]
    zone = timezone_header(file, names)
    columns = record_columns(header, tags, lookup_keys(file), zone, unread_zones=whole.unread_zones)
    for name in columns.names:
        if not is_supported(schema.field(name).type):
            number = names.index(name) + 1
            message = f"column {number} contains lists, objects, bytes or durations"
            problems.add(Location(file.shown), message, "export it as text, or map another column")
    problems.check()
    return ColumnList(columns.layout, _blocks(file, columns, batches, problems))


def column_names_of(file: ContactFile) -> Sequence[str]:
    """Return the names of the columns of a Parquet or Arrow file; raises SpecError."""
    with ExitStack() as stack:
        return tuple(_open(file, stack).schema.names)


def _closing(kept: ExitStack, blocks: Iterator[ColumnBlock]) -> Iterator[ColumnBlock]:
    with kept:
        yield from blocks


def _blocks(
    file: ContactList, columns: RecordColumns, batches: Iterable[RecordBatch], problems: ProblemList
) -> Iterator[ColumnBlock]:
    row = 1
    for batch in batches:
        if row + batch.num_rows > ROWS_MAX + 1:
            message = f"the list has more than {ROWS_MAX:,} rows"
            problems.refuse(Location(file.shown, ROWS_MAX + 1), message, "split the list")
        used = batch.select([batch.schema.names.index(name) for name in columns.names])
        for part in slices(used):
            lines = range(row, row + part.num_rows)
            with _decoding(Location(file.shown, row)):
                block = columns.block(file.shown, partial(_values, part), lines, problems)
            yield block
            row = lines.stop
    problems.check()


def _values(batch: RecordBatch, name: str) -> Sequence[object]:
    return values_of(batch.column(name))


def _batches(file: ContactFile, reader: RecordBatchReader) -> Iterator[RecordBatch]:
    with _decoding(Location(file.shown)):
        yield from reader


def _open(file: ContactFile, stack: ExitStack) -> RecordBatchReader:
    """Return the batches of a file; `stack` closes it."""
    kind = list_format(file.shown)
    if file.shown.lower().endswith((".gz", ".zst")):
        message = f"a list in the {kind.value} format cannot be compressed as a whole"
        _refuse(Location(file.shown), message, "decompress it; the format compresses its columns")
    is_stream = _check_signature(file, kind)
    try:
        from arro3 import io  # noqa: PLC0415 - an extra
    except ImportError:
        refuse_missing_extra(file, "parquet")
    # The library reads a path itself, and an open file through its methods, which report each read.
    is_plain = file.observer is None and is_read_at_path(file)
    source = file.path if is_plain else stack.enter_context(open_list(file))
    with _decoding(Location(file.shown)):
        if kind is ListFormat.PARQUET:
            return io.read_parquet(source)
        return io.read_ipc_stream(source) if is_stream else io.read_ipc(source)


def _check_signature(file: ContactFile, kind: ListFormat) -> bool:
    """Return whether the file is an Arrow stream; refuse one that starts or ends as no such file does."""
    with open_list(file) as stream:
        head = stream.read(_FOOTER_BYTES)
        size = stream.seek(0, 2)
        stream.seek(max(size - _FOOTER_BYTES, 0))
        tail = stream.read(_FOOTER_BYTES)
    if head.startswith(_FEATHER_1):
        _refuse(Location(file.shown), "the file is in the Feather format of version 1", "export it as Arrow")
    if kind is ListFormat.PARQUET:
        # The reader would end with the trace of another language.
        is_whole = head.startswith(_PARQUET) and tail.endswith(_PARQUET)
        if not is_whole or int.from_bytes(tail[:4], "little") + 2 * _FOOTER_BYTES > size + 4:
            message = "the file is damaged, incomplete, or not in the Parquet format"
            _refuse(Location(file.shown), message, "export or copy it again")
    return not head.startswith(_ARROW)


@contextmanager
def _decoding(location: Location) -> Iterator[None]:
    """Raise errors of the library as a SpecError at `location`."""
    try:
        yield
    except (SpecError, GeneratorExit):
        raise
    except BaseException as error:
        # A panic of the library is not an Exception, and its class cannot be imported.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        cause = str(error).partition("\n")[0][:_CAUSE_LENGTH_MAX]
        _refuse(location, f"cannot read the list: {cause}", "export or copy it again")


def _refuse(location: Location, message: str, hint: str) -> NoReturn:
    raise SpecError([Problem(location, message, hint)]) from None
