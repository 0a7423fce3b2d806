"""Contact files as people save them: the contacts of readable files, the problems of others."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

import pytest

from sendspec.audience import batches
from sendspec.errors import SpecError
from sendspec.model import Endpoint
from tests.audiences import MAPPED, YAML, Recorder, from_file, from_text, us
from tests.row_scan import scan

if TYPE_CHECKING:
    from sendspec.model import Problem

CONSENT = Endpoint.EXTERNAL_CONSENT
HEAD = b"contactId,A\n"
ROW = f"{us(1)},x\n".encode()
FIRST_NAME = {"contactId": "phone", "personalization": {"FIRST NAME": "first_nam"}}


def problems_of(send) -> list[Problem]:
    """Return the problems of a send, which are the same for a scan and for its batches."""
    with pytest.raises(SpecError) as by_scan:
        scan(send)
    with pytest.raises(SpecError) as by_batches:
        list(batches(send))
    assert by_scan.value.problems == by_batches.value.problems
    return list(by_scan.value.problems)


READABLE = {
    "plain": HEAD + ROW,
    "bom": b"\xef\xbb\xbf" + HEAD + ROW,
    "crlf": (HEAD + ROW).replace(b"\n", b"\r\n"),
    "cr": (HEAD + ROW).replace(b"\n", b"\r"),
    "no-last-line-end": (HEAD + ROW).rstrip(),
    "blank-lines": b"\n\r\n" + HEAD + b"\n\n" + ROW + b"\n\n",
    "all-quoted": f'"contactId","A"\n"{us(1)}","x"\n'.encode(),
    "written-for-people": b"contactId,A\n +1 (212) 555-0101 ,x\n",
    "no-name": f"contactId,,A\n{us(1)},2,x\n".encode(),
    "blank-name": f" ,contactId,A\n0,{us(1)},x\n".encode(),
    "trailing-commas": f"contactId,A,,\n{us(1)},x,,\n".encode(),
    "trailing-commas-in-rows": f"contactId,A\n{us(1)},x,, \n".encode(),
    "trailing-commas-in-the-header": f"contactId,A,,\n{us(1)},x\n".encode(),
    "blank-rows": f",\ncontactId,A\n,\n , \n,,,,\n{us(1)},x\n,\u00a0\n".encode(),
    "no-break-space": "contactId,A\n+1\u00a0212\u00a0555.0101,x\n".encode(),
}


@pytest.mark.parametrize("data", READABLE.values(), ids=READABLE)
def test_readable(tmp_path, data):
    """The contact is the same in every form of the file."""
    [batch] = batches(from_text(tmp_path, data))
    assert batch.contacts == ({"contactId": us(1), "personalization": {"A": "x"}},)


def test_locations_are_lines_of_the_file(tmp_path):
    """A contact has the line where its row starts, also after multi-line values and blank lines."""
    text = f'\ncontactId,A\r\n{us(1)},"one\r\ntwo\nthree"\r\n\r\n{us(2)},"a, ""b"""\n{us(3)},\n'
    recorder = Recorder()
    scan(from_text(tmp_path, text), [recorder])
    assert [str(contact.location) for contact in recorder.contacts] == [
        "vip.csv:3:1",
        "vip.csv:7:1",
        "vip.csv:8:1",
    ]
    values = [contact.personalization for contact in recorder.contacts]
    assert values == [{"A": "one\r\ntwo\nthree"}, {"A": 'a, "b"'}, {}]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_locations_are_right_after_many_blocks(tmp_path, end):
    """The line and column of an invalid byte are right after more than a megabyte."""
    rows = [b"contactId,A", *(f"00{row:010},{'é' * 90}".encode() for row in range(8000))]
    data = end.join([*rows, us(1).encode() + b",caf\xe9"])
    assert len(data) > 1_500_000
    [problem] = problems_of(from_text(tmp_path, data))
    assert str(problem.location) == "vip.csv:8002:16"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_every_row_is_read_across_blocks(tmp_path, end):
    """Rows of every length are whole and in order, with a block end at any position."""
    rows = [(f"00{row:010}", "é" * (row % 97)) for row in range(20_000)]
    text = end.join(["contactId,A", *(",".join(row) for row in rows)])
    recorder = Recorder()
    scan(from_text(tmp_path, text), [recorder])
    read = [(contact.written, contact.personalization.get("A", "")) for contact in recorder.contacts]
    assert read == rows
    assert recorder.contacts[-1].location.line == 20_001


NUMBERS = [
    ("digits", "12125550101", "12125550101"),
    ("plus", "+12125550101", "12125550101"),
    ("spaces", " 1 212 555 0101 ", "12125550101"),
    ("notation", "+1 (212) 555-0101", "12125550101"),
    ("dots", "1.212.555.0101", "12125550101"),
    ("zeros-kept", "0012125550101", "0012125550101"),
    ("scientific", "1.21256E+10", ""),
    ("scientific-lower-case", "1e10", ""),
    ("float", "12125550101.0", ""),
    ("national-prefix", "+44 (0)7700 900123", ""),
    ("national-prefix-alone", "+44 ( 0 ) 7700 900123", ""),
    ("letters", "1-212-555-ACME", ""),
    ("extension", "12125550101x4", ""),
    ("two", "12125550101;12125550102", ""),
    ("two-plus", "++12125550101", ""),
    ("plus-inside", "1+2125550101", ""),
    ("apostrophe", "'12125550101", ""),
    ("other-digits", "١٢١٢٥٥٥٠١٠١", ""),
    ("superscript", "1212555010²", ""),
    ("only-notation", "+-()", ""),
]


@pytest.mark.parametrize(
    ("written", "identity"), [case[1:] for case in NUMBERS], ids=[case[0] for case in NUMBERS]
)
def test_numbers(tmp_path, written, identity):
    """Notation is removed from a number; an ambiguous number is refused, and stays as written."""
    recorder = Recorder()
    send = from_text(tmp_path, f"contactId\n{written}\n")
    scan(send, [recorder])
    [contact] = recorder.contacts if identity else recorder.refused
    assert (contact.identity, contact.written, contact.given) == (identity, written, ("contactId",))
    sent = [batch.contacts for batch in batches(send)]
    assert sent == ([({"contactId": identity},)] if identity else [])


@pytest.mark.parametrize("blank", ["", " ", "\t", "\u00a0", "\u2003 "])
def test_a_blank_number_is_no_identity(tmp_path, blank):
    """A row without a number has no identity property, and is refused."""
    recorder = Recorder()
    send = from_text(tmp_path, f"contactId,A\n{blank},x\n")
    scan(send, [recorder])
    [contact] = recorder.refused
    assert (contact.written, contact.given) == ("", ())
    assert list(batches(send)) == []


UTF8 = "'CSV UTF-8'"
MORE_PROBLEMS = "more problems from here on are not shown"
BROKEN = [
    ("empty", b"", "1:1", "the file is empty", "add a header"),
    ("only-blank-lines", b"\n\r\n\n", "1:1", "the file is empty", "add a header"),
    ("only-bom", b"\xef\xbb\xbf", "1:1", "the file is empty", "add a header"),
    ("only-header", HEAD, "1:1", "the file has a header, but no contacts", ""),
    ("utf-16-le", "contactId\n1\n".encode("utf-16"), "1:1", "the file is UTF-16", UTF8),
    ("utf-16-be", b"\xfe\xff\x00c", "1:1", "the file is UTF-16", UTF8),
    ("utf-32", "contactId\n1\n".encode("utf-32"), "1:1", "the file is UTF-32", UTF8),
    ("utf-16-without-bom", "contactId\n1\n".encode("utf-16-le"), "1:2", "the file has a NUL byte", "UTF-16"),
    ("latin-1", HEAD + b"1,caf\xe9\n", "2:6", "the byte 0xE9 is not UTF-8", UTF8),
    (
        "latin-1-after-non-ascii",
        HEAD + "1,ééé".encode() + b"\xe9\n",
        "2:6",
        "the byte 0xE9 is not UTF-8",
        UTF8,
    ),
    ("latin-1-in-the-header", b"contactId,pr\xe9nom\n", "1:13", "the byte 0xE9 is not UTF-8", UTF8),
    ("cut-inside-a-character", HEAD + b"1,caf\xc3", "2:6", "the byte 0xC3 is not UTF-8", UTF8),
    ("latin-1-after-cr", b"contactId,A\r1,x\r2,\xe9\r", "3:3", "the byte 0xE9 is not UTF-8", UTF8),
    ("nul", HEAD + ROW + b"1,a\0b\n", "3:4", "the file has a NUL byte", "damaged"),
    ("nul-before-latin-1", HEAD + b"1,\0\xe9\n", "2:3", "the file has a NUL byte", "damaged"),
    ("latin-1-before-nul", HEAD + b"1,\xe9\0\n", "2:3", "the byte 0xE9 is not UTF-8", UTF8),
    ("xlsx", b"PK\x03\x04\x14\x00", "1:1", "spreadsheet", "export"),
    ("gzip", b"\x1f\x8b\x08", "1:1", "gzip", "decompress"),
    ("lfs-pointer", b"version https://git-lfs.github.com/spec/v1\n", "1:1", "Git LFS", "git lfs pull"),
    ("too-few", HEAD + b"1\n", "2:1", "the row has 1 field, but the header has 2", "empty field"),
    ("too-many", HEAD + ROW + b"1,a,b\n", "3:1", "the row has 3 fields, but the header has 2", "in quotes"),
    (
        "unclosed",
        HEAD + ROW + b'1,"a\n2,b\n3,c\n',
        "3:1",
        "has no closing quote",
        "write a quote inside it twice",
    ),
    ("after-quote", HEAD + b'1,"a"b\n', "2:1", "text after its closing quote", "inside a quoted field twice"),
    ("huge-field", HEAD + b"1," + b"x" * 200_000, "2:1", "too long for a contact", "has no closing quote"),
    (
        "unclosed-in-a-long-file",
        HEAD + ROW + b'1,"' + ROW * 20_000,
        "3:1",
        "too long for a contact",
        "has no closing quote",
    ),
    (
        "endless-line",
        HEAD + ROW + b"," * 3_000_000,
        "3:1",
        "the line has more than 1,048,576 bytes",
        "one contact a line",
    ),
    ("same-name", b"contactId,A,A\n1,2,3\n", "1:1", "columns 2 and 3 have the same name", "its own name"),
    ("sep", b"sep=,\ncontactId,A\n1,2\n", "1:1", "instruction for Excel", "delete this line"),
    ("sep-semicolon", b"sep=;\ncontactId;A\n1;2\n", "1:1", "instruction for Excel", "with commas"),
    (
        "quote-after-space",
        HEAD + b'1, "Ann"\n',
        "2:1",
        "a quote follows a space, so it does not start a quoted field",
        "remove the space",
    ),
    (
        "comma-after-quote-after-space",
        HEAD + ROW + b'1,\t"Lovelace, Ada"\n',
        "3:1",
        "a quote follows a space",
        "remove the space",
    ),
    ("quote-after-space-in-the-header", b'contactId, "A"\n1,2\n', "1:1", "a quote follows a space", "remove"),
    (
        "header-after-blank-line",
        b"\n\nphone\n1\n",
        "3:1",
        "the header has no column 'contactId'",
        "map it with columns",
    ),
    (
        "misspelt",
        b"contactID,A\n1,x\n",
        "1:1",
        "the header has no column 'contactId'",
        "rename column 1, which differs only in case or spaces",
    ),
    (
        "other-endpoint",
        b"phoneNumber\n1\n",
        "1:1",
        "the header has no column 'contactId'",
        "columns: {contactId: phoneNumber}",
    ),
    (
        "semicolons",
        b"contactId;A\n1;x\n",
        "1:1",
        "the columns are separated by semicolons, not by commas",
        "with commas",
    ),
    ("quoted-semicolons", b'"contactId";"A"\n"1";"x"\n', "1:1", "separated by semicolons", "with commas"),
    ("tabs", b"contactId\tA\n1\tx\n", "1:1", "separated by tabs", "with commas"),
    ("bars", b"\ncontactId|A\n1|x\n", "2:1", "separated by vertical bars", "with commas"),
    ("no-header", ROW * 2, "1:1", "the header has no column 'contactId'", "looks like a contact"),
    (
        "comment",
        b"# contacts/en-us.csv\ncontactId\n" + ROW,
        "1:1",
        "the header has no column 'contactId'",
        "remove the first line, which starts with `#`",
    ),
]


@pytest.mark.parametrize(
    ("data", "at", "message", "hint"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_broken(tmp_path, data, at, message, hint):
    """Each kind of broken file is one problem, with its line, column and hint."""
    [problem] = problems_of(from_text(tmp_path, data))
    assert str(problem.location) == f"vip.csv:{at}"
    assert message in problem.message
    assert hint in (problem.hint or "")


@pytest.mark.parametrize(
    ("columns", "location", "message", "hint"),
    [
        (FIRST_NAME, MAPPED, "vip.csv has no column 'first_nam'", "compare it with the name of column 2"),
        ({"contactId": "mobile"}, YAML, "vip.csv has no column 'mobile'", ""),
        (
            {"contactId": "PHONE "},
            YAML,
            "vip.csv has no column 'PHONE '",
            "rename column 1, which differs only in case",
        ),
        ({"phoneNumber": "phone"}, YAML, "contacts uses 'contactId', not 'phoneNumber'", "map 'contactId'"),
        ({}, YAML, "vip.csv has no column 'contactId'", ""),
    ],
    ids=["tag", "number", "case-and-space", "other-endpoint", "nothing-mapped"],
)
def test_broken_mapping(tmp_path, columns, location, message, hint):
    """A mapping that does not fit the file is a problem at its line of the YAML, with a suggestion."""
    [problem] = problems_of(from_text(tmp_path, f"phone,first_name\n{us(1)},Ann\n", columns=columns))
    assert problem.location == location
    assert message in problem.message
    assert hint in (problem.hint or "")


def test_a_comment_above_a_mapped_header(tmp_path):
    """The hint is about the first line, not about the mapping, which is correct."""
    text = f"# contacts/en-us.csv\nphone,first_name\n{us(1)},Ann\n"
    problems = problems_of(from_text(tmp_path, text, columns={"contactId": "phone"}))
    assert [problem.message for problem in problems] == ["vip.csv has no column 'phone'"]
    assert problems[0].hint == "remove the first line, which starts with `#` as a comment does"


def test_the_number_of_the_other_endpoint(tmp_path):
    """external-consent needs phoneNumber, and the hint shows how to map contactId to it."""
    [problem] = problems_of(from_text(tmp_path, f"contactId\n{us(1)}\n", endpoint=CONSENT))
    assert problem.message == "the header has no column 'phoneNumber'"
    assert "columns: {phoneNumber: contactId}" in problem.hint


def test_all_problems_of_a_file_are_reported_together(tmp_path):
    """The error has every invalid row, up to and including the first syntax error."""
    data = HEAD + b"1\n" + ROW + b"1,2,3\n" + b'1,"a"b\n1\n'
    assert [problem.location.line for problem in problems_of(from_text(tmp_path, data))] == [2, 4, 5]


def test_at_most_twenty_problems_are_reported(tmp_path):
    """A file with 5,000 invalid rows has twenty problems, and one that says that there are more."""
    problems = problems_of(from_text(tmp_path, HEAD + b"1\n" * 5000))
    assert [problem.location.line for problem in problems] == list(range(2, 23))
    assert problems[-1].message == MORE_PROBLEMS


def test_exactly_twenty_problems_are_complete(tmp_path):
    """If the twentieth problem is the last, no problem says that there are more."""
    problems = problems_of(from_text(tmp_path, HEAD + b"1\n" * 20 + ROW))
    assert len(problems) == 20
    assert problems[-1].message != MORE_PROBLEMS


def test_csv_limits_of_the_process_do_not_change(tmp_path):
    """A problem with a long field does not change the field limit of the csv module."""
    before = csv.field_size_limit()
    problems_of(from_text(tmp_path, HEAD + b"1," + b"x" * 200_000))
    assert csv.field_size_limit() == before


def missing(path):
    assert not path.exists()


def a_pipe(path):
    os.mkfifo(path)


def a_loop(path):
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (missing, "cannot read the contact file vip.csv: No such file or directory"),
        (lambda path: path.mkdir(), "the contact file vip.csv is not a regular file"),
        (a_pipe, "the contact file vip.csv is not a regular file"),
        (a_loop, "cannot read the contact file vip.csv: Too many levels of symbolic links"),
    ],
    ids=["missing", "directory", "pipe", "loop"],
)
def test_a_file_that_cannot_be_opened(tmp_path, make, message):
    """A missing or special file is a problem at its line of the YAML, and a pipe does not block."""
    path = tmp_path / "vip.csv"
    make(path)
    [problem] = problems_of(from_file(path))
    assert (problem.location, problem.message) == (YAML, message)
