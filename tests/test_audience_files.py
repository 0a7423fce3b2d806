"""Contact files as people really save them: what is read, and what is refused where and why."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

import pytest

from sendspec.audience import batches, scan
from sendspec.errors import SpecError
from sendspec.model import Endpoint
from tests.audiences import MAPPED, YAML, Notes, from_file, from_text, us

if TYPE_CHECKING:
    from sendspec.model import Problem

CONSENT = Endpoint.EXTERNAL_CONSENT
HEAD = b"contactId,A\n"
ROW = f"{us(1)},x\n".encode()
FIRST_NAME = {"contactId": "phone", "personalization": {"FIRST NAME": "first_nam"}}


def problems_of(send) -> list[Problem]:
    """Give the problems of a send, which surveying it and sending it must agree about."""
    with pytest.raises(SpecError) as checked_send:
        scan(send)
    with pytest.raises(SpecError) as sent:
        list(batches(send))
    assert checked_send.value.problems == sent.value.problems
    return list(checked_send.value.problems)


READABLE = {
    "plain": HEAD + ROW,
    "bom": b"\xef\xbb\xbf" + HEAD + ROW,
    "crlf": (HEAD + ROW).replace(b"\n", b"\r\n"),
    "cr": (HEAD + ROW).replace(b"\n", b"\r"),
    "no-last-line-end": (HEAD + ROW).rstrip(),
    "blank-lines": b"\n\r\n" + HEAD + b"\n\n" + ROW + b"\n\n",
    "all-quoted": f'"contactId","A"\n"{us(1)}","x"\n'.encode(),
    "written-for-people": b"contactId,A\n +1 (212) 555-0101 ,x\n",
    "no-break-space": "contactId,A\n+1\u00a0212\u00a0555.0101,x\n".encode(),
}


@pytest.mark.parametrize("data", READABLE.values(), ids=READABLE)
def test_readable(tmp_path, data):
    """However the file was saved, the contact in it is the same."""
    [batch] = batches(from_text(tmp_path, data))
    assert batch.contacts == ({"contactId": us(1), "personalization": {"A": "x"}},)


def test_places_count_the_lines_of_the_file(tmp_path):
    """A row stands where it starts, also after values with line ends and after blank lines."""
    text = f'\ncontactId,A\r\n{us(1)},"one\r\ntwo\nthree"\r\n\r\n{us(2)},"a, ""b"""\n{us(3)},\n'
    notes = Notes()
    scan(from_text(tmp_path, text), [notes])
    assert [str(contact.location) for contact in notes.contacts] == [
        "vip.csv:3:1",
        "vip.csv:7:1",
        "vip.csv:8:1",
    ]
    values = [contact.personalization for contact in notes.contacts]
    assert values == [{"A": "one\r\ntwo\nthree"}, {"A": 'a, "b"'}, {}]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_places_hold_over_blocks(tmp_path, end):
    """The line and column of a bad byte are right when it is megabytes into the file."""
    rows = [b"contactId,A", *(f"00{row:010},{'é' * 90}".encode() for row in range(8000))]
    data = end.join([*rows, us(1).encode() + b",caf\xe9"])
    assert len(data) > 1_500_000
    [problem] = problems_of(from_text(tmp_path, data))
    assert str(problem.location) == "vip.csv:8002:16"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_no_row_is_lost_between_blocks(tmp_path, end):
    """Rows of every length arrive whole and in order, wherever a block of the file ends."""
    rows = [(f"00{row:010}", "é" * (row % 97)) for row in range(20_000)]
    text = end.join(["contactId,A", *(",".join(row) for row in rows)])
    notes = Notes()
    scan(from_text(tmp_path, text), [notes])
    found = [(contact.written, contact.personalization.get("A", "")) for contact in notes.contacts]
    assert found == rows
    assert notes.contacts[-1].location.line == 20_001


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
    ("trunk-zero", "+44 (0)7700 900123", ""),
    ("trunk-zero-alone", "+44 ( 0 ) 7700 900123", ""),
    ("letters", "1-212-555-ACME", ""),
    ("extension", "12125550101x4", ""),
    ("two", "12125550101;12125550102", ""),
    ("two-plus", "++12125550101", ""),
    ("plus-inside", "1+2125550101", ""),
    ("apostrophe", "'12125550101", ""),
    ("other-digits", "١٢١٢٥٥٥٠١٠١", ""),
    ("superscript", "1212555010²", ""),
    ("only-notation", "+-()", ""),
    ("blank", " ", ""),
]


@pytest.mark.parametrize(
    ("written", "identity"), [case[1:] for case in NUMBERS], ids=[case[0] for case in NUMBERS]
)
def test_numbers(tmp_path, written, identity):
    """Notation is taken out of a number; what would have to be guessed is left for the rules, as written."""
    notes = Notes()
    send = from_text(tmp_path, f"contactId\n{written}\n")
    scan(send, [notes])
    [contact] = notes.contacts
    assert (contact.identity, contact.written, contact.given) == (identity, written, ("contactId",))
    [batch] = batches(send)
    assert batch.contacts == ({"contactId": identity or written},)


def test_an_empty_number_is_none(tmp_path):
    """A row without a number gives no identity property at all, and is kept for the rules."""
    notes = Notes()
    send = from_text(tmp_path, "contactId,A\n,x\n")
    scan(send, [notes])
    assert notes.contacts[0].given == ()
    [batch] = batches(send)
    assert batch.contacts == ({"personalization": {"A": "x"}},)


UTF8 = "'CSV UTF-8'"
BROKEN = [
    ("empty", b"", "1:1", "the file is empty", "it needs a header"),
    ("only-blank-lines", b"\n\r\n\n", "1:1", "the file is empty", "it needs a header"),
    ("only-bom", b"\xef\xbb\xbf", "1:1", "the file is empty", "it needs a header"),
    ("only-header", HEAD, "1:1", "no contacts, only a header", ""),
    ("utf-16-le", "contactId\n1\n".encode("utf-16"), "1:1", "UTF-16", UTF8),
    ("utf-16-be", b"\xfe\xff\x00c", "1:1", "UTF-16", UTF8),
    ("utf-32", "contactId\n1\n".encode("utf-32"), "1:1", "UTF-32", UTF8),
    ("utf-16-without-bom", "contactId\n1\n".encode("utf-16-le"), "1:2", "NUL", "UTF-16"),
    ("latin-1", HEAD + b"1,caf\xe9\n", "2:6", "not UTF-8: the byte 0xE9", UTF8),
    ("latin-1-after-non-ascii", HEAD + "1,ééé".encode() + b"\xe9\n", "2:6", "0xE9", UTF8),
    ("latin-1-in-the-header", b"contactId,pr\xe9nom\n", "1:13", "0xE9", UTF8),
    ("cut-inside-a-character", HEAD + b"1,caf\xc3", "2:6", "0xC3", UTF8),
    ("latin-1-after-cr", b"contactId,A\r1,x\r2,\xe9\r", "3:3", "0xE9", UTF8),
    ("nul", HEAD + ROW + b"1,a\0b\n", "3:4", "NUL", "damaged"),
    ("nul-before-latin-1", HEAD + b"1,\0\xe9\n", "2:3", "NUL", "damaged"),
    ("latin-1-before-nul", HEAD + b"1,\xe9\0\n", "2:3", "0xE9", UTF8),
    ("xlsx", b"PK\x03\x04\x14\x00", "1:1", "spreadsheet", "export"),
    ("gzip", b"\x1f\x8b\x08", "1:1", "gzip", "unpack"),
    ("lfs-pointer", b"version https://git-lfs.github.com/spec/v1\n", "1:1", "Git LFS", "git lfs pull"),
    ("too-few", HEAD + b"1\n", "2:1", "1 field where the header has 2", "empty field"),
    ("too-many", HEAD + ROW + b"1,a,b\n", "3:1", "3 fields where the header has 2", "in quotes"),
    ("unclosed", HEAD + ROW + b'1,"a\n2,b\n3,c\n', "3:1", "never closed", "written twice"),
    ("after-quote", HEAD + b'1,"a"b\n', "2:1", "after the closing quote", "written twice"),
    ("huge-field", HEAD + b"1," + b"x" * 200_000, "2:1", "far too long", "never closed"),
    ("unclosed-in-a-long-file", HEAD + ROW + b'1,"' + ROW * 20_000, "3:1", "far too long", "never closed"),
    ("endless-line", HEAD + ROW + b"," * 3_000_000, "3:1", "more than 1,048,576 bytes", "one contact a line"),
    ("no-name", b"contactId,,B\n1,2,3\n", "1:1", "column 2 of 3 has no name", "remove"),
    ("blank-name", b"contactId, \n1,2\n", "1:1", "column 2 of 2 has no name", "remove"),
    ("same-name", b"contactId,A,A\n1,2,3\n", "1:1", "2 columns are called 'A'", "its own name"),
    ("header-after-blank-line", b"\n\nphone\n1\n", "3:1", "no column 'contactId'", "map it with columns"),
    ("misspelt", b"contactID,A\n1,x\n", "1:1", "no column 'contactId'", "did you mean 'contactID'?"),
    (
        "other-endpoint",
        b"phoneNumber\n1\n",
        "1:1",
        "no column 'contactId'",
        "columns: {contactId: phoneNumber}",
    ),
    ("semicolons", b"contactId;A\n1;x\n", "1:1", "no column 'contactId'", "separated by semicolons"),
    ("tabs", b"contactId\tA\n1\tx\n", "1:1", "no column 'contactId'", "separated by tabs"),
    ("no-header", ROW * 2, "1:1", "no column 'contactId'", "looks like a contact"),
]


@pytest.mark.parametrize(
    ("data", "at", "message", "hint"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_broken(tmp_path, data, at, message, hint):
    """Each kind of broken file is one problem, at its line and column, with the way out."""
    [problem] = problems_of(from_text(tmp_path, data))
    assert str(problem.location) == f"vip.csv:{at}"
    assert message in problem.message
    assert hint in (problem.hint or "")


@pytest.mark.parametrize(
    ("columns", "location", "message", "hint"),
    [
        (FIRST_NAME, MAPPED, "vip.csv has no column 'first_nam'", "did you mean 'first_name'?"),
        ({"contactId": "mobile"}, YAML, "vip.csv has no column 'mobile'", ""),
        ({"contactId": "PHONE "}, YAML, "vip.csv has no column 'PHONE '", "did you mean 'phone'?"),
        ({"phoneNumber": "phone"}, YAML, "contacts takes 'contactId', not 'phoneNumber'", "map 'contactId'"),
        ({}, YAML, "vip.csv has no column 'contactId'", ""),
    ],
    ids=["tag", "number", "case-and-space", "other-endpoint", "nothing-mapped"],
)
def test_broken_mapping(tmp_path, columns, location, message, hint):
    """A mapping that does not fit the file is told where it is written, with what was likely meant."""
    [problem] = problems_of(from_text(tmp_path, f"phone,first_name\n{us(1)},Ann\n", columns=columns))
    assert problem.location == location
    assert message in problem.message
    assert hint in (problem.hint or "")


def test_the_number_of_the_other_endpoint(tmp_path):
    """external-consent reads phoneNumber, and says so where the file has contactId."""
    [problem] = problems_of(from_text(tmp_path, f"contactId\n{us(1)}\n", endpoint=CONSENT))
    assert problem.message == "no column 'phoneNumber' in the header"
    assert "columns: {phoneNumber: contactId}" in problem.hint


def test_all_problems_of_a_file_at_once(tmp_path):
    """Bad rows are all told, up to and including the place where the text itself ends."""
    data = HEAD + b"1\n" + ROW + b"1,2,3\n" + b'1,"a"b\n1\n'
    assert [problem.location.line for problem in problems_of(from_text(tmp_path, data))] == [2, 4, 5]


def test_problems_end_after_twenty(tmp_path):
    """A file that is wrong in every row does not fill the terminal: twenty, and that there are more."""
    found = problems_of(from_text(tmp_path, HEAD + b"1\n" * 5000))
    assert [problem.location.line for problem in found] == list(range(2, 23))
    assert found[-1].message.startswith("… and more")


def test_exactly_twenty_problems_are_all(tmp_path):
    """Where the twentieth problem is the last, nothing says that there are more."""
    found = problems_of(from_text(tmp_path, HEAD + b"1\n" * 20 + ROW))
    assert len(found) == 20
    assert not found[-1].message.startswith("…")


def test_csv_limits_of_the_process_are_left_alone(tmp_path):
    """Refusing a huge field does not change the csv module for the rest of the process."""
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
def test_no_file(tmp_path, make, message):
    """What cannot be opened is told where the YAML names it, and a pipe does not hang the run."""
    path = tmp_path / "vip.csv"
    make(path)
    [problem] = problems_of(from_file(path))
    assert (problem.location, problem.message) == (YAML, message)
