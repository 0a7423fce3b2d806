"""Lists in every format: the same contacts, places and messages, through the command line."""

from __future__ import annotations

import gzip
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from backports import zstd

from tests.field.lists import MAPPED
from tests.projects import number
from tests.sent_lists import sent, with_list

if TYPE_CHECKING:
    from collections.abc import Mapping

CSV = f"contactId,NAME\n{number(1)},Ann\n{number(2)},\n"
SENT = [{"contactId": number(1), "personalization": {"NAME": "Ann"}}, {"contactId": number(2)}]


def json_lines(*objects: Mapping[str, Any]) -> str:
    return "".join(json.dumps(values) + "\n" for values in objects)


COMPRESSED = {
    "people.csv.gz": gzip.compress(CSV.encode()),
    "PEOPLE.CSV.GZ": gzip.compress(CSV.encode()),
    "members.csv.gz": gzip.compress(CSV[:20].encode()) + gzip.compress(CSV[20:].encode()),
    "people.csv.zst": zstd.compress(CSV.encode()),
    "frames.csv.zst": b"\x50\x2a\x4d\x18\x02\0\0\0xx"
    + zstd.compress(CSV[:20].encode())
    + zstd.compress(CSV[20:].encode()),
    "people.jsonl.gz": gzip.compress(
        json_lines({"contactId": number(1), "NAME": "Ann"}, {"contactId": int(number(2))}).encode()
    ),
}


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_compressed_list_is_read_by_its_name(name, cli):
    """Gzip and Zstandard, of one part or several, in any case of the name."""
    with_list(name, COMPRESSED[name])
    assert sent(cli) == SENT


def with_window(text: str, window_log: int) -> bytes:
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: window_log})
    return compressor.compress(text.encode()) + compressor.flush()


DAMAGED = {
    "not gzip": ("people.csv.gz", CSV.encode(), "is not compressed with gzip", "remove .gz"),
    "not Zstandard": ("people.csv.zst", CSV.encode(), "is not compressed with Zstandard", "remove .zst"),
    "empty": ("people.csv.gz", b"", "is not compressed with gzip", "remove .gz"),
    "cut": ("people.csv.gz", gzip.compress(CSV.encode())[:-9], "ends too early", "export or copy"),
    "cut Zstandard": ("people.csv.zst", zstd.compress(CSV.encode())[:-3], "ends too early", "export or copy"),
    "other bytes": (
        "people.csv.gz",
        gzip.compress(CSV.encode())[:-8] + b"x" * 8,
        "damaged",
        "export or copy",
    ),
    "no suffix": (
        "people.csv",
        gzip.compress(CSV.encode()),
        "compressed with gzip",
        "rename it to end with .gz",
    ),
    "no Zstandard suffix": (
        "people.csv",
        zstd.compress(CSV.encode()),
        "with Zstandard",
        "rename it to end with .zst",
    ),
    "Parquet": ("people.csv", b"PAR1xxxx", "Parquet format", "rename it to end with .parquet"),
    "pointer": ("people.csv.gz", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"),
    "large window": ("people.csv.zst", with_window(CSV, 24), "needs more than 8 MiB", "without --long"),
    "bomb": (
        "people.csv.gz",
        gzip.compress(b"\n" * 5_000_000),
        "more than 200 times its size",
        "check its rows",
    ),
}


@pytest.mark.parametrize(("name", "data", "message", "hint"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_list_is_one_problem(name, data, message, hint, cli):
    """The message has the name of the file, the cause and a hint."""
    with_list(name, data)
    done = cli("validate")
    assert done.code == 1
    assert f"specs/contacts/{name}:1:1: error: " in done.err
    assert message in done.err
    assert hint in done.err


def test_a_list_without_its_extra_names_the_command(monkeypatch, cli):
    """A Zstandard list where no library can decompress it is one error, with the command to run."""
    with_list("people.csv.zst", zstd.compress(CSV.encode()))
    monkeypatch.setitem(sys.modules, "backports", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    done = cli("validate")
    assert done.code == 1
    assert "the extra 'zstd' of sendspec is not installed" in done.err
    assert "run `pip install 'sendspec[zstd]'`" in done.err


JSON_LINES = {
    "names of the API": (
        None,
        {"contactId": number(1), "NAME": "Ann"},
        {"contactId": number(2), "NAME": None},
    ),
    "mapped": (MAPPED, {"phone": number(1), "name": "Ann", "x": [1]}, {"phone": int(number(2))}),
    "one key for two tags": (
        "{contactId: phone, personalization: {NAME: name, OTHER: name}}",
        {"name": "Ann", "phone": f"+{number(1)}"},
        {"phone": number(2), "name": " "},
    ),
}


@pytest.mark.parametrize(("columns", "first", "second"), JSON_LINES.values(), ids=JSON_LINES)
def test_json_lines_are_read_by_keys(columns, first, second, cli):
    """Keys are columns; null, a blank and a missing key are omitted values; other keys are ignored."""
    with_list("people.jsonl", "\n" + json_lines(first) + " \r\n" + json_lines(second).rstrip(), columns)
    contacts = sent(cli)
    for contact in contacts:
        contact.get("personalization", {}).pop("OTHER", None)
    assert contacts == SENT


TYPED = [
    ("7", "7"),
    ("-0", "0"),
    ("1234567890123456789", "1234567890123456789"),
    ("9.5", "9.5"),
    ("120.0", "120"),
    ("1e3", "1000"),
    ("-0.0", "0"),
    ("0.1", "0.1"),
    ("1e-7", "0.0000001"),
    ("9007199254740991.0", "9007199254740991"),
    ("true", "true"),
    ("false", "false"),
    ('"007"', "007"),
    ('" Ann "', " Ann "),
    ("null", None),
]


@pytest.mark.parametrize(("value", "text"), TYPED)
def test_values_of_json_become_texts(value, text, cli):
    """Each type has one exact text; text is unchanged."""
    with_list("people.jsonl", f'{{"contactId": {number(1)}, "NAME": {value}}}\n')
    assert sent(cli)[0].get("personalization", {}).get("NAME") == text


def after_good_lines(line: str) -> str:
    return json_lines({"contactId": number(1), "NAME": "Ann"}) * 2 + line + "\n"


BROKEN_LINES = {
    "array": ('["12125550101"]', "3:1", "the line is not a JSON object"),
    "text": ('"12125550101"', "3:1", "the line is not a JSON object"),
    "not JSON": ('{"contactId": 1,}', "3:16", "the line is not valid JSON"),
    "two objects": ("{} {}", "3:4", "the line is not valid JSON"),
    "NaN": ('{"contactId": NaN}', "3:15", "the line is not valid JSON"),
    "key twice": ('{"contactId": "1", "contactId": "2"}', "3:1", "an object has the same key twice"),
    "unknown key": ('{"contactId": "1", "NAMES": "x"}', "3:1", "has a key that the first object does not"),
    "nested": ('{"contactId": "1", "NAME": {"first": "x"}}', "3:1", "a value is a list, an object or bytes"),
    "float number": ('{"contactId": 2.0155501e10}', "3:1", "a phone number is a floating-point number"),
    "float number of a spreadsheet": ('{"contactId": 12125550101.0}', "3:1", "a floating-point number"),
    "large float": ('{"contactId": "1", "NAME": 9007199254740993.0}', "3:1", "more digits than it can store"),
    "large integer": ('{"contactId": "1", "NAME": 123456789012345678901234}', "3:1", "more digits than"),
    "deep": ('{"a": ' * 1000 + "1" + "}" * 1000, "3:1", "the line is nested too deeply"),
    "NUL": ('{"contactId": "1", "NAME": "\\u0000"}', "3:1", "a value has a NUL character"),
    "Latin-1": (b'{"contactId": "1", "NAME": "caf\xe9"}', "3:32", "the byte 0xE9 is not UTF-8"),
}


@pytest.mark.parametrize(("line", "at", "message"), BROKEN_LINES.values(), ids=BROKEN_LINES)
def test_a_broken_line_has_its_place(line, at, message, cli):
    """The file, the line and the cause; no value of the list is shown."""
    data = after_good_lines("").encode() + (line if isinstance(line, bytes) else line.encode())
    with_list("people.jsonl", data.replace(b"\n\n", b"\n"))
    done = cli("validate")
    assert done.code == 1
    assert f"specs/contacts/people.jsonl:{at}: error: " in done.err
    assert message in done.err


@pytest.mark.parametrize(
    ("columns", "text", "at", "message"),
    [
        (
            "{contactId: mobile}",
            json_lines({"phone": number(1)}),
            "campaigns/c0.yaml:8:",
            "has no column 'mobile'",
        ),
        (
            None,
            json_lines({"phone": number(1)}),
            "contacts/people.jsonl:1:1",
            "the first object has no column",
        ),
        (None, "", "contacts/people.jsonl:1:1", "the list has no contacts"),
        (None, "{}\n" * 3, "contacts/people.jsonl:1:1", "the first object has no column 'contactId'"),
        (None, "contactId\n1\n", "contacts/people.jsonl:1:1", "is not valid JSON"),
    ],
)
def test_keys_that_do_not_fit(columns, text, at, message, cli):
    """A missing key is a problem of the mapping, or of the first object."""
    with_list("people.jsonl", text, columns)
    done = cli("validate")
    assert done.code == 1
    assert f"specs/{at}" in done.err
    assert message in done.err


def test_a_line_break_in_a_json_value_is_found(cli):
    """A value of several lines is the same error as in a CSV file, at its line."""
    values = {"contactId": number(1), "NAME": "Ann\nLee"}
    with_list("people.jsonl", json_lines({**values, "NAME": "x"}, values))
    done = cli("validate")
    assert done.code == 3
    assert "specs/contacts/people.jsonl:2:1" in done.out
    assert "value-shape" in done.out


EXCLUDES = {
    "opt-out.csv.gz": gzip.compress(f"contactId\n{number(2)}\n".encode()),
    "opt-out.jsonl": json_lines({"phoneNumber": int(number(2))}).encode(),
    "opt-out.jsonl.zst": zstd.compress(json_lines({"contactId": number(2)}).encode()),
}


@pytest.mark.parametrize("name", EXCLUDES)
def test_an_exclude_list_has_any_format(name, cli):
    """The same readers read the exclude lists."""
    path = with_list("people.csv", CSV, extra=f"    exclude: [../contacts/{name}]\n")
    path.with_name(name).write_bytes(EXCLUDES[name])
    assert sent(cli) == SENT[:1]


def test_an_empty_exclude_list_is_no_error(cli):
    """An exclude list without contacts is a warning in any format."""
    path = with_list("people.csv", CSV, extra="    exclude: [../contacts/none.jsonl]\n")
    path.with_name("none.jsonl").touch()
    assert sent(cli) == SENT
    assert "has no numbers" in cli("validate").out


def test_an_unused_list_of_any_format_is_named(cli):
    """The rule ignored-file knows the new formats."""
    path = with_list("people.csv", CSV)
    for name in ("a.jsonl", "b.csv.gz", "c.csv.zst", "d.parquet", "e.arrow", "f.feather", "g.txt"):
        path.with_name(name).touch()
    shown = cli("validate").out
    named = [name for name in sorted(entry.name for entry in path.parent.iterdir()) if f"/{name}:" in shown]
    assert named == ["a.jsonl", "b.csv.gz", "c.csv.zst", "d.parquet", "e.arrow", "f.feather"]
