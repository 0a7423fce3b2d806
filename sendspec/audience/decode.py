"""Decoding of contact files: UTF-8 lines, read in blocks so that a long line cannot fill memory."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final, NoReturn

from sendspec.audience.list_files import open_list, refuse_unreadable
from sendspec.errors import SpecError
from sendspec.model import Location, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from sendspec.model import ContactFile

BLOCK_BYTES: Final = 1 << 15
LINE_BYTES_MAX: Final = 1 << 20
"""A contact takes a few hundred bytes, so a longer line is not a contact."""

_SIGNATURES: Final = (
    (codecs.BOM_UTF32_LE, "is UTF-32", "save it as UTF-8 (in Excel: 'CSV UTF-8')"),
    (codecs.BOM_UTF32_BE, "is UTF-32", "save it as UTF-8 (in Excel: 'CSV UTF-8')"),
    (codecs.BOM_UTF16_LE, "is UTF-16", "save it as UTF-8 (in Excel: 'CSV UTF-8')"),
    (codecs.BOM_UTF16_BE, "is UTF-16", "save it as UTF-8 (in Excel: 'CSV UTF-8')"),
    (b"PK\x03\x04", "is a spreadsheet or a zip archive, not a list", "export it as 'CSV UTF-8'"),
    (b"\x1f\x8b", "is compressed with gzip", "rename it to end with .gz, or decompress it"),
    (b"\x28\xb5\x2f\xfd", "is compressed with Zstandard", "rename it to end with .zst, or decompress it"),
    (b"PAR1", "is in the Parquet format", "rename it to end with .parquet"),
    (b"ARROW1", "is in the Arrow format", "rename it to end with .arrow"),
)
"""The first bytes of other formats, with the message and the hint."""


def lines(file: ContactFile, lines_of: Callable[[str], Iterator[str]]) -> Iterator[str]:
    """Return the lines of `file` with their line ends, as `csv.reader` needs them.

    LF, CRLF and CR all end a line. `lines_of` splits a block of text, which ends at a line end.

    Raises:
        SpecError: the file cannot be opened, at the location that names it; or its text cannot be
            decoded, at that line and column.
    """
    counts = [0]
    for block in text_blocks(file, lambda: counts[0]):
        for line in lines_of(block):
            counts[0] += 1
            yield line


def text_blocks(file: ContactFile, lines_before: Callable[[], int]) -> Iterator[str]:
    """Yield the text of `file` in blocks that end at a line end, without a byte order mark.

    `lines_before` returns the count of lines in all blocks before the next one.

    Raises:
        SpecError: as `lines`.
    """
    with open_list(file) as stream:
        try:
            for block in _blocks(stream, file.shown, lines_before):
                yield _decode(block, file.shown, lines_before)
        except OSError as error:
            refuse_unreadable(file, error)


def _blocks(stream: BinaryIO, shown: str, lines_before: Callable[[], int]) -> Iterator[bytes]:
    """Yield blocks of whole lines."""
    rest = _start(stream, shown)
    while read := stream.read(BLOCK_BYTES):
        rest += read
        end = _last_line_end(rest)
        if end == 0 and len(rest) > LINE_BYTES_MAX:
            _refuse(
                Location(shown, lines_before() + 1),
                f"the line has more than {LINE_BYTES_MAX:,} bytes",
                "write one contact a line",
            )
        block, rest = rest[:end], rest[end:]
        if block:
            yield block
    if rest:
        yield rest


def _start(stream: BinaryIO, shown: str) -> bytes:
    """Return the first block without its BOM; refuse a file of another format."""
    first = stream.read(BLOCK_BYTES)
    for signature, description, hint in _SIGNATURES:
        if first.startswith(signature):
            _refuse(Location(shown), f"the file {description}", hint)
    return first.removeprefix(codecs.BOM_UTF8)


def _last_line_end(data: bytes) -> int:
    """Return the offset after the last line end, or 0. A CR at the very end may be half a CRLF."""
    return data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1


def _decode(block: bytes, shown: str, lines_before: Callable[[], int]) -> str:
    """Return the text of `block`; refuse NUL and bytes that are not UTF-8."""
    nul = block.find(b"\0")
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        if nul < 0 or error.start < nul:
            _refuse(
                _location_after(block[: error.start], shown, lines_before() + 1),
                f"the byte 0x{block[error.start]:02X} is not UTF-8",
                "save the file as UTF-8 (in Excel: 'CSV UTF-8'); it is probably Windows-1252 or Latin-1",
            )
    if nul >= 0:
        _refuse(
            _location_after(block[:nul], shown, lines_before() + 1),
            "the file has a NUL byte",
            "save the file as UTF-8 (in Excel: 'CSV UTF-8'); it is damaged, or UTF-16",
        )
    return text


def _location_after(before: bytes, shown: str, first_line: int) -> Location:
    """Return the location right after the bytes `before`; the column counts characters."""
    column = len(before[max(before.rfind(b"\n"), before.rfind(b"\r")) + 1 :].decode()) + 1
    return Location(shown, first_line + _line_ends(before), column)


def _line_ends(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _refuse(location: Location, message: str, hint: str | None = None) -> NoReturn:
    raise SpecError([Problem(location, message, hint)])
