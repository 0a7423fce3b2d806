"""JSON Lines reader: lists with one JSON object a line, whose keys are the columns."""

from __future__ import annotations

import io
import json
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from sendspec.audience.column_block import ColumnList
from sendspec.audience.csv_header import (
    add_missing_column,
    lookup_keys,
    mapped_headers,
    number_column,
    number_header,
    read_header,
)
from sendspec.audience.decode import lines
from sendspec.audience.timezone_columns import has_unread_zones, timezone_header
from sendspec.audience.typed_list_columns import record_columns
from sendspec.errors import SpecError
from sendspec.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.audience.column_block import ColumnBlock
    from sendspec.audience.problem_list import ProblemList
    from sendspec.audience.typed_list_columns import RecordColumns
    from sendspec.model import ContactFile, Send

_RECORDS_PER_BLOCK: Final = 1000
_EXAMPLE: Final = 'write one object a line, such as {"contactId": "…", "NAME": "Ann"}'
_NOT_AN_OBJECT: Final = ("the line is not a JSON object", _EXAMPLE)
_TOO_DEEP: Final = ("the line is nested too deeply", "write text and numbers, one key a column")
_REPEATED_KEY: Final = ("an object has the same key twice", "give each value its own key")
_UNKNOWN_KEY: Final = (
    "an object has a key that the first object does not have",
    "map the keys with `columns`, or write all of them in the first object, with null",
)


class _Record(NamedTuple):
    """One object of a file, and its line."""

    line: int
    values: dict[str, Any]


class _RepeatedKeyError(Exception):
    """An object has a key twice, so one of the values would be lost."""


def open_json_lines(send: Send, file: ContactFile, problems: ProblemList) -> ColumnList:
    """Return a JSON Lines list for one pass; `problems` receives those of its lines.

    With `columns`, the mapping names the keys to read; an object without one of them has no value for
    it. Without it, the first object has every key: that of the number, and one for each tag.

    Raises:
        SpecError: the first object or the mapping does not have the key of the number.
    """
    records, number = _records(file, problems), number_column(send, file)
    first = next(records, None)
    names = [] if first is None else list(first.values)
    unread = has_unread_zones(send, file, names)
    if file.columns is not None:
        tags, header = file.columns.get("personalization", {}), number_header(send, file)
        keys = lookup_keys(file)
        columns = record_columns(header, tags, keys, timezone_header(file), unread_zones=unread)
    elif first is None:
        columns = record_columns(number, {})
    else:
        whole = read_header(send, file, first.line, names, problems, described="the first object")
        tags = {tag: names[offset] for tag, offset in whole.tags}
        columns = record_columns(number, tags, (), timezone_header(file, names), unread_zones=unread)
    if first is not None:
        records = chain([first], records)
    return ColumnList(columns.layout, _blocks(send, file, columns, records, problems))


def first_keys(file: ContactFile) -> Sequence[str]:
    """Return the keys of the first object; none if the file does not start with one."""
    source = (line for line in lines(file, _lines_of) if line.strip())
    try:
        values = orjson.loads(next(source, ""))
    except (orjson.JSONDecodeError, SpecError):
        return ()
    return list(values) if isinstance(values, dict) else ()


def _blocks(
    send: Send,
    file: ContactFile,
    columns: RecordColumns,
    records: Iterator[_Record],
    problems: ProblemList,
) -> Iterator[ColumnBlock]:
    """Yield the columns of all objects."""
    known, unseen = frozenset(columns.names), set(columns.names)
    is_empty = True
    while chunk := tuple(islice(records, _RECORDS_PER_BLOCK)):
        is_empty = False
        if file.columns is None:
            _add_unknown_keys(file, chunk, known, problems)
        elif unseen:
            unseen.difference_update(*(record.values for record in chunk))
        places = [record.line for record in chunk]
        yield columns.block(file.shown, partial(_values, chunk), places, problems)
    problems.check()
    if file.columns is not None and not is_empty:
        for header, location in mapped_headers(send, file):
            if header in unseen:
                add_missing_column(file, header, location, problems)
    problems.check()


def _values(records: Sequence[_Record], name: str) -> list[object]:
    return [record.values.get(name) for record in records]


def _add_unknown_keys(
    file: ContactFile, records: Sequence[_Record], known: frozenset[str], problems: ProblemList
) -> None:
    for line, values in records:
        if any(key not in known and key.strip() for key in values):
            problems.add(Location(file.shown, line), *_UNKNOWN_KEY)


def _records(file: ContactFile, problems: ProblemList) -> Iterator[_Record]:
    """Yield every valid object, and add the problem of each other line that is not blank.

    After the first line that is not JSON it ends, because the file is probably in another format.
    """
    try:
        for number, line in enumerate(lines(file, _lines_of), start=1):
            if line.isspace():
                continue
            try:
                values = _object(line)
            except orjson.JSONDecodeError as error:
                problems.add(
                    Location(file.shown, number, error.colno), "the line is not valid JSON", _EXAMPLE
                )
                return
            except _RepeatedKeyError:
                problems.add(Location(file.shown, number), *_REPEATED_KEY)
                continue
            except RecursionError:
                problems.add(Location(file.shown, number), *_TOO_DEEP)
                continue
            if isinstance(values, dict):
                yield _Record(number, values)
            else:
                problems.add(Location(file.shown, number), *_NOT_AN_OBJECT)
    except SpecError as error:
        for problem in error.problems:
            problems.add(*problem)


def _object(line: str) -> Any:
    """Return the value of a line; raise _RepeatedKeyError if an object has a key twice."""
    values = orjson.loads(line)
    if isinstance(values, dict) and line.count(":") > len(values):
        # Only then a key can occur twice; `json` is slower, but shows every pair.
        json.loads(line, object_pairs_hook=_checked_pairs)
    return values


def _checked_pairs(pairs: Sequence[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise _RepeatedKeyError


def _lines_of(block: str) -> Iterator[str]:
    return io.StringIO(block, newline="")
