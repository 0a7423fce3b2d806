"""A contact file as lines of text: UTF-8, read in blocks, so that no line can fill the memory."""

from __future__ import annotations

import codecs
import io
import stat
from itertools import chain
from typing import TYPE_CHECKING, Final, NoReturn

from sendspec.errors import SpecError
from sendspec.model import Location, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from sendspec.model import ContactFile

BLOCK_BYTES: Final = 1 << 16
LONGEST_LINE_BYTES: Final = 1 << 20
"""A line of a contact file is some hundred bytes; one beyond this is not a contact."""

_SIGNATURES: Final = (
    (codecs.BOM_UTF32_LE, "is UTF-32", "save it as UTF-8 (in Excel: 'CSV UTF-8')"),
    (codecs.BOM_UTF32_BE, "is UTF-32", "save it as UTF-8 (in Excel: 'CSV UTF-8')"),
    (codecs.BOM_UTF16_LE, "is UTF-16", "save it as UTF-8 (in Excel: 'CSV UTF-8')"),
    (codecs.BOM_UTF16_BE, "is UTF-16", "save it as UTF-8 (in Excel: 'CSV UTF-8')"),
    (b"PK\x03\x04", "is a spreadsheet or a zip archive, not CSV", "export the sheet as 'CSV UTF-8'"),
    (b"\x1f\x8b", "is compressed with gzip", "unpack it"),
    (b"version https://git-lfs.github.com/", "is a Git LFS pointer, not the file", "run git lfs pull"),
)
"""What contact files turn out to be: their first bytes, what that is called, the way out."""


def lines(file: ContactFile) -> Iterator[str]:
    """Give the lines of `file` with their ends, as `csv.reader` wants them.

    LF, CRLF and CR all end a line. Raises SpecError where the file cannot be opened, at the place
    that names it, and at the file's own line and column where its text cannot be read.
    """
    return chain.from_iterable(io.StringIO(block, newline="") for block in _blocks(file))


def _blocks(file: ContactFile) -> Iterator[str]:
    """Give the text of `file` in blocks that end where a line does."""
    try:
        if not stat.S_ISREG(file.path.stat().st_mode):  # a pipe or a device would block, or never end
            _refuse(file.location, f"the contact file {file.shown} is not a regular file")
        with file.path.open("rb") as stream:
            yield from _decoded(stream, file.shown)
    except OSError as error:
        why = error.strerror or type(error).__name__
        _refuse(file.location, f"cannot read the contact file {file.shown}: {why}")


def _decoded(stream: BinaryIO, shown: str) -> Iterator[str]:
    """Decode whole lines; every line of a block that was given is valid, up to its end."""
    line = 1
    rest = _start(stream, shown)
    while read := stream.read(BLOCK_BYTES):
        rest += read
        end = _last_line_end(rest)
        if end == 0 and len(rest) > LONGEST_LINE_BYTES:
            _refuse(
                Location(shown, line),
                f"a line of more than {LONGEST_LINE_BYTES:,} bytes",
                "is it CSV, with one contact a line?",
            )
        block, rest = rest[:end], rest[end:]
        if block:
            yield _decode(block, shown, line)
            line += _line_ends(block)
    if rest:
        yield _decode(rest, shown, line)


def _start(stream: BinaryIO, shown: str) -> bytes:
    """Read the first block without its BOM; refuse what is recognised as something else."""
    first = stream.read(BLOCK_BYTES)
    for signature, what, hint in _SIGNATURES:
        if first.startswith(signature):
            _refuse(Location(shown), f"the file {what}", hint)
    return first.removeprefix(codecs.BOM_UTF8)


def _last_line_end(data: bytes) -> int:
    """Give the offset after the last line end, 0 if there is none (a CR at the end may be half a CRLF)."""
    return data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1


def _decode(block: bytes, shown: str, first_line: int) -> str:
    """Decode `block`, which starts at line `first_line`; refuse NUL and what is not UTF-8."""
    nul = block.find(b"\0")
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        if nul < 0 or error.start < nul:
            _refuse(
                _place(block[: error.start], shown, first_line),
                f"not UTF-8: the byte 0x{block[error.start]:02X}",
                "the file is probably Windows-1252 or Latin-1; save it as UTF-8 (in Excel: 'CSV UTF-8')",
            )
    if nul >= 0:
        _refuse(
            _place(block[:nul], shown, first_line),
            "a NUL byte",
            "the file is damaged, or is UTF-16; save it as UTF-8 (in Excel: 'CSV UTF-8')",
        )
    return text


def _place(before: bytes, shown: str, first_line: int) -> Location:
    """Give the place right after `before`, in characters."""
    column = len(before[max(before.rfind(b"\n"), before.rfind(b"\r")) + 1 :].decode()) + 1
    return Location(shown, first_line + _line_ends(before), column)


def _line_ends(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _refuse(location: Location, message: str, hint: str | None = None) -> NoReturn:
    raise SpecError([Problem(location, message, hint)])
