"""Values of Arrow columns: which types a list may have, and their Python values without a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sendspec.audience.typed_cell_text import CellError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arro3.core import Array, DataType, RecordBatch

_ROWS_PER_BLOCK: Final = 1024
_MICROSECOND: Final = 1000
"""Nanoseconds; Python's times are not more exact."""
_TOO_EXACT: Final = CellError("a time has nanoseconds", "export it with microseconds, or as text")
_OUT_OF_RANGE: Final = CellError("a date or time is outside the years 1 to 9999", "export it as text")


def is_supported(kind: DataType) -> bool:
    """Return whether values of this Arrow type have a text: not those that are nested, bytes or durations."""
    if kind.is_dictionary(kind):
        return kind.value_type is not None and _is_text(kind.value_type)
    is_number = kind.is_integer(kind) or kind.is_floating(kind) or kind.is_decimal(kind)
    return _is_text(kind) or is_number or _is_time(kind) or kind.is_boolean(kind) or kind.is_null(kind)


def _is_text(kind: DataType) -> bool:
    return kind.is_string(kind) or kind.is_large_string(kind) or kind.is_string_view(kind)


def _is_time(kind: DataType) -> bool:
    return kind.is_timestamp(kind) or kind.is_date(kind) or kind.is_time(kind)


def slices(batch: RecordBatch) -> Iterator[RecordBatch]:
    """Yield a batch in parts of a bounded size, because some programs write a whole list as one batch."""
    for start in range(0, batch.num_rows, _ROWS_PER_BLOCK):
        yield batch.slice(start, min(_ROWS_PER_BLOCK, batch.num_rows - start))


def values_of(column: Array) -> Sequence[object]:
    """Return the values of a column of a supported type; one that Python cannot hold is a CellError."""
    kind = column.type
    if kind.is_float16(kind) or kind.is_float32(kind):
        # The shortest text of a single-precision number is that of the source, its float is not.
        texts = column.cast(kind.string()).to_pylist()
        return [None if text is None else float(text) for text in texts]
    values: list[Any] = list(column.to_pylist())
    is_exact = kind.time_unit != "ns"
    if _is_time(kind) and not (is_exact and values.count(None) == column.null_count):
        ticks = column.cast(kind.int64()).to_pylist()
        unit = 1 if is_exact else _MICROSECOND
        return [_checked(value, tick, unit) for value, tick in zip(values, ticks, strict=True)]
    return values


def _checked(value: object, tick: int | None, unit: int) -> object:
    """Return a date or time; the library returns None for one that is out of range."""
    if tick is None:
        return None
    if value is None:
        return _OUT_OF_RANGE
    return _TOO_EXACT if tick % unit else value
