"""Lists in Parquet and Arrow files: the same contacts as in CSV, with exact texts of every type."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import arro3.io
import pytest
from arro3.core import Array, DataType, Table, list_array

from sendspec.audience import arrow_reader
from tests.field.lists import MAPPED
from tests.projects import number
from tests.sent_lists import sent, with_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXT, INTEGER = DataType.string(), DataType.int64()
SENT = [{"contactId": number(1), "personalization": {"NAME": "Ann"}}, {"contactId": number(2)}]
PEOPLE = {"phone": Array([number(1), number(2)], type=TEXT), "name": Array(["Ann", None], type=TEXT)}


def parquet(columns: Mapping[str, Array], **options: Any) -> bytes:
    return _written(arro3.io.write_parquet, columns, **options)


def arrow(columns: Mapping[str, Array], **options: Any) -> bytes:
    return _written(arro3.io.write_ipc, columns, **options)


def arrow_stream(columns: Mapping[str, Array], **options: Any) -> bytes:
    return _written(arro3.io.write_ipc_stream, columns, **options)


def _written(write: Callable[..., None], columns: Mapping[str, Array], **options: Any) -> bytes:
    stream = io.BytesIO()
    write(Table.from_pydict(dict(columns)), stream, **options)
    return stream.getvalue()


def column(values: list[Any], kind: DataType) -> Array:
    """Return a column of a type that lists of Python cannot have."""
    return Array(values, type=TEXT if isinstance(values[0], str) else INTEGER).cast(kind)


FILES = {
    "people.parquet": parquet(PEOPLE, compression="zstd(1)"),
    "PEOPLE.PARQUET": parquet(PEOPLE, compression="snappy"),
    "people.arrow": arrow(PEOPLE),
    "people.feather": arrow(PEOPLE, compression="lz4"),
    "stream.arrow": arrow_stream(PEOPLE, compression="zstd"),
    "integers.parquet": parquet({**PEOPLE, "phone": Array([int(number(1)), int(number(2))], type=INTEGER)}),
    "decimals.parquet": parquet({**PEOPLE, "phone": PEOPLE["phone"].cast(DataType.decimal128(15, 0))}),
    "dictionary.arrow": arrow(
        {**PEOPLE, "name": PEOPLE["name"].cast(DataType.dictionary(DataType.int32(), TEXT))}
    ),
    "views.arrow": arrow({name: values.cast(DataType.string_view()) for name, values in PEOPLE.items()}),
    "other-columns.parquet": parquet({"bytes": PEOPLE["name"].cast(DataType.binary()), **PEOPLE}),
}


@pytest.mark.parametrize("name", FILES)
def test_every_file_has_the_same_contacts(name, cli):
    """Both formats, with every compression and type of a column; other columns are ignored."""
    with_list(name, FILES[name], MAPPED)
    assert sent(cli) == SENT


def test_columns_have_the_names_of_the_api_without_a_mapping(cli):
    """Every other column of the file fills the tag of its name."""
    with_list("people.parquet", parquet({"contactId": PEOPLE["phone"], "NAME": PEOPLE["name"]}))
    assert sent(cli) == SENT


SECONDS = 1_700_000_000
TYPED = {
    "integer": (Array([-7], type=DataType.int8()), "-7"),
    "unsigned": (Array([2**64 - 1], type=DataType.uint64()), "18446744073709551615"),
    "decimal": (Array(["9.50"], type=TEXT).cast(DataType.decimal128(10, 2)), "9.50"),
    "float": (Array([9.5], type=DataType.float64()), "9.5"),
    "whole float": (Array([120.0], type=DataType.float64()), "120"),
    "single float": (Array([0.1], type=DataType.float32()), "0.1"),
    "half float": (column(["0.5"], DataType.float16()), "0.5"),
    "true": (Array([True], type=DataType.bool()), "true"),
    "false": (Array([False], type=DataType.bool()), "false"),
    "null": (Array([None], type=TEXT), None),
    "blank": (Array([" "], type=TEXT), None),
    "date": (column(["2026-12-01"], DataType.date32()), "2026-12-01"),
    "date and time": (column([SECONDS], DataType.timestamp("s")), "2023-11-14T22:13:20"),
    "with a zone": (column([SECONDS], DataType.timestamp("s", tz="UTC")), "2023-11-14T22:13:20+00:00"),
    "with an offset": (column([SECONDS], DataType.timestamp("s", tz="-05:00")), "2023-11-14T17:13:20-05:00"),
    "nanoseconds": (column([SECONDS * 10**9 + 5000], DataType.timestamp("ns")), "2023-11-14T22:13:20.000005"),
    "time": (column([3_600_000_000], DataType.time64("us")), "01:00:00"),
}


@pytest.mark.parametrize(("values", "text"), TYPED.values(), ids=TYPED)
def test_values_become_texts(values, text, cli):
    """Each type has one exact text; null and a blank are omitted."""
    with_list("people.parquet", parquet({"contactId": Array([number(1)], type=TEXT), "NAME": values}))
    assert sent(cli)[0].get("personalization", {}).get("NAME") == text


NUMBERS = [number(1), number(2), number(3)]
LISTS = list_array(Array([0, 1, 2, 3], type=DataType.int32()), Array(NUMBERS, type=TEXT))
REFUSED = {
    "float number": (
        {"contactId": Array([float(text) for text in NUMBERS], type=DataType.float64())},
        "1:1",
        "a phone number is a floating-point number",
    ),
    "float with null": (
        {"contactId": Array([None, None, 12125550101.0], type=DataType.float64())},
        "3:1",
        "a phone number is a floating-point number",
    ),
    "large float": (
        {"contactId": Array(NUMBERS, type=TEXT), "NAME": Array([1.5, 2.0, 2.0**53], type=DataType.float64())},
        "3:1",
        "more digits than it can store exactly",
    ),
    "not a number": (
        {
            "contactId": Array(NUMBERS, type=TEXT),
            "NAME": Array([1.5, 2.0, float("nan")], type=DataType.float64()),
        },
        "3:1",
        "a value is not a finite number",
    ),
    "nanoseconds": (
        {"contactId": Array(NUMBERS, type=TEXT), "NAME": column([0, 1000, 1], DataType.timestamp("ns"))},
        "3:1",
        "a time has nanoseconds",
    ),
    "far time": (
        {"contactId": Array(NUMBERS, type=TEXT), "NAME": column([0, 0, 10**17], DataType.timestamp("s"))},
        "3:1",
        "a date or time is outside the years 1 to 9999",
    ),
    "far date": (
        {"contactId": Array(NUMBERS, type=TEXT), "NAME": column([0, 0, 10**17], DataType.date64())},
        "3:1",
        "a date or time is outside the years 1 to 9999",
    ),
    "year 10000": (
        {
            "contactId": Array(NUMBERS, type=TEXT),
            "NAME": column([0, 0, 253_402_300_800], DataType.timestamp("s")),
        },
        "1:1",
        "cannot read the list: year 10000 is out of range",
    ),
    "NUL": (
        {"contactId": Array(NUMBERS, type=TEXT), "NAME": Array(["a", "b", "\0"], type=TEXT)},
        "3:1",
        "a value has a NUL character",
    ),
    "long": (
        {"contactId": Array(NUMBERS, type=TEXT), "NAME": Array(["a", "b", "x" * 200_000], type=TEXT)},
        "3:1",
        "a value is too long for a contact",
    ),
    "bytes": (
        {"contactId": Array(NUMBERS, type=TEXT), "NAME": column(["a", "b", "c"], DataType.binary())},
        "1:1",
        "column 2 contains lists, objects, bytes or durations",
    ),
    "list": (
        {"contactId": Array(NUMBERS, type=TEXT), "NAME": LISTS},
        "1:1",
        "column 2 contains lists, objects, bytes or durations",
    ),
    "no number": ({"phone": Array(NUMBERS, type=TEXT)}, "1:1", "the list has no column 'contactId'"),
    "no rows": ({"contactId": Array([], type=TEXT)}, "1:1", "the list has no contacts"),
}


@pytest.mark.parametrize(("columns", "at", "message"), REFUSED.values(), ids=REFUSED)
def test_a_value_without_a_text_has_its_row(columns, at, message, cli):
    """The row of the first such value is the line of its place."""
    name = "people.parquet"
    with_list(name, parquet(columns))
    done = cli("validate")
    assert done.code == 1
    assert f"specs/contacts/{name}:{at}: error: " in done.err
    assert message in done.err


DAMAGED = {
    "empty": ("people.parquet", b"", "damaged, incomplete, or not in the Parquet format"),
    "CSV": (
        "people.parquet",
        b"contactId,NAME\n12125550101,Ann\n",
        "damaged, incomplete, or not in the Parquet",
    ),
    "cut": (
        "people.parquet",
        FILES["people.parquet"][:-10],
        "damaged, incomplete, or not in the Parquet format",
    ),
    "start cut": (
        "people.parquet",
        b"PAR1" + FILES["people.parquet"][-40:],
        "damaged, incomplete, or not in",
    ),
    "empty Arrow": ("people.arrow", b"", "cannot read the list"),
    "CSV as Arrow": ("people.arrow", b"contactId,NAME\n12125550101,Ann\n", "cannot read the list"),
    "cut Arrow": ("people.arrow", FILES["people.arrow"][:-10], "cannot read the list"),
    "cut stream": ("people.arrow", FILES["stream.arrow"][:-300], "cannot read the list"),
    "Feather 1": ("people.feather", b"FEA1" + bytes(100), "the file is in the Feather format of version 1"),
    "compressed": ("people.parquet.gz", FILES["people.parquet"], "cannot be compressed as a whole"),
    "pointer": ("people.parquet", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
}


@pytest.mark.parametrize(("name", "data", "message"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_one_problem(name, data, message, cli):
    """The message has the name of the file and the cause."""
    with_list(name, data, MAPPED)
    done = cli("validate")
    assert done.code == 1
    assert f"specs/contacts/{name}:1:1: error: " in done.err
    assert message in done.err


def test_a_list_has_a_largest_number_of_rows(monkeypatch, cli):
    """A small file that repeats one value is refused before its rows are read."""
    monkeypatch.setattr(arrow_reader, "ROWS_MAX", 1)
    with_list("people.parquet", FILES["people.parquet"], MAPPED)
    done = cli("validate")
    assert "specs/contacts/people.parquet:2:1: error: the list has more than 1 rows" in done.err


def test_a_file_without_its_extra_names_the_command(monkeypatch, cli):
    """A Parquet list without the library is one error, with the command to run."""
    with_list("people.parquet", FILES["people.parquet"], MAPPED)
    monkeypatch.setitem(sys.modules, "arro3", None)
    done = cli("validate")
    assert done.code == 1
    assert "run `pip install 'sendspec[parquet]'`" in done.err


@pytest.mark.parametrize("name", ["opt-out.parquet", "opt-out.arrow"])
def test_an_exclude_list_is_a_file_of_either_format(name, cli):
    """The exclude list has the column of the number by one of the API's names."""
    path = with_list(
        "people.parquet", FILES["people.parquet"], MAPPED, f"    exclude: [../contacts/{name}]\n"
    )
    write = parquet if name.endswith("parquet") else arrow
    path.with_name(name).write_bytes(write({"phoneNumber": Array([int(number(2))], type=INTEGER)}))
    assert sent(cli) == SENT[:1]


def test_rows_are_counted_over_batches(cli):
    """A row after several batches has its number in the file."""
    texts = [number(at % 20_000) for at in range(5000)]
    texts[4321] = "unreadable"
    with_list("people.arrow", arrow({"contactId": Array(texts, type=TEXT)}))
    done = cli("validate")
    assert done.code == 3
    assert "specs/contacts/people.arrow:4322:1: error " in done.out
