"""Private copies of lists outside of the repository, which have exactly the bytes that the specs name.

A list is copied and hashed in one pass, before a row of it is read. Each later read is one of the copy, so a
file that changes meanwhile changes nothing. The copy has no name, so the system removes it when it is closed,
however the process ends.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import stat
from typing import TYPE_CHECKING, Final

from sendspec.errors import SendspecError, SpecError
from sendspec.formatting import short_digest
from sendspec.model import Problem
from sendspec.render import absent_list_problem

if TYPE_CHECKING:
    from io import FileIO

    from sendspec.model import ContactFile, OutsideList

_BLOCK_BYTES: Final = 1 << 20


def verified_copy(file: ContactFile, outside: OutsideList) -> int:
    """Return the descriptor of a copy of a list, at its start; the caller closes it.

    Raises:
        OSError: the list cannot be opened or read.
        SpecError: this machine does not have the list, or its SHA-256 is not that of the specs.
        SendspecError: the copy cannot be written.
    """
    if outside.is_absent:
        raise SpecError([absent_list_problem(file)])
    # A pipe that replaced the file meanwhile must not block.
    source = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            message = f"the contact file {file.shown} is not a regular file"
            raise SpecError([Problem(file.location, message, "name a regular file")])
        with _unnamed_file() as copy:
            found = _copy(source, copy)
            if found != outside.sha256:
                raise SpecError([_other_digest(outside, found)])
            os.lseek(copy.fileno(), 0, os.SEEK_SET)
            return os.dup(copy.fileno())
    finally:
        os.close(source)


def _unnamed_file() -> FileIO:
    import tempfile  # noqa: PLC0415 - its import takes 4 ms, and most lists are in the project

    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError as error:
        raise _write_error(error) from error


def _copy(source: int, copy: FileIO) -> str:
    """Copy a file, and return the SHA-256 of what the copy has."""
    digest = hashlib.sha256()
    while block := os.read(source, _BLOCK_BYTES):
        digest.update(block)
        view = memoryview(block)
        try:
            while view:
                view = view[copy.write(view) :]
        except OSError as error:
            raise _write_error(error) from error
    return digest.hexdigest()


def _other_digest(outside: OutsideList, found: str) -> Problem:
    other = f"{short_digest(found)}, not {short_digest(outside.sha256)}"
    message = f"the list {outside.name} has the SHA-256 {other}"
    command = f"`sha256sum {shlex.quote(outside.name)}` in the contacts directory"
    hint = f"run {command}; fetch the list again, or correct the digest"
    return Problem(outside.location, message, hint)


def _write_error(error: OSError) -> SendspecError:
    import tempfile  # noqa: PLC0415 - see above

    folder = tempfile.tempdir or "a folder for temporary files"
    return SendspecError(
        f"cannot copy a list to {folder}: {error.strerror or error}",
        hint="free disk space, or set TMPDIR to a folder with more space",
    )
