"""Opening of list files: their format by name, and decompression within limits of memory and size."""

from __future__ import annotations

import gzip
import io
import stat
import sys
import zlib
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from sendspec.audience.verified_copy import verified_copy
from sendspec.errors import SpecError
from sendspec.model import Location, Problem

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from _typeshed import WriteableBuffer

    from sendspec.model import ContactFile, ReadObserver

RATIO_MAX: Final = 200
"""Bytes of text for each compressed byte; lists of people have 3 to 30."""
BYTES_WITHOUT_RATIO: Final = 4 << 20
_WINDOW_LOG_MAX: Final = 23
"""Zstandard keeps this window in memory; RFC 8878 recommends that every reader supports 8 MiB."""

_LFS_POINTER: Final = b"version https://git-lfs.github.com/"
_EXPORT_AGAIN: Final = "export or copy the file again"


class ListFormat(Enum):
    """The format of a list, which the end of its name selects."""

    CSV = "CSV"
    JSON_LINES = "JSON Lines"
    PARQUET = "Parquet"
    ARROW = "Arrow"


_FORMATS: Final = {
    ".jsonl": ListFormat.JSON_LINES,
    ".parquet": ListFormat.PARQUET,
    ".arrow": ListFormat.ARROW,
    ".feather": ListFormat.ARROW,
}
_GZIP: Final = ".gz"
_ZSTANDARD: Final = ".zst"


def list_format(name: str) -> ListFormat:
    """Return the format of the file `name`, compressed or not; any other ending is CSV."""
    stem = name.lower().removesuffix(_GZIP).removesuffix(_ZSTANDARD)
    return next((form for suffix, form in _FORMATS.items() if stem.endswith(suffix)), ListFormat.CSV)


def open_list(file: ContactFile) -> BinaryIO:
    """Return the decompressed bytes of a list; the name of the file says how it is compressed.

    Raises:
        SpecError: the file cannot be opened, at the location that names it; or, also from `read`, it
            cannot be decompressed or grows too much.
    """
    try:
        # A pipe or a device could block or never end.
        if is_read_at_path(file) and not stat.S_ISREG(file.path.stat().st_mode):
            message = f"the contact file {file.shown} is not a regular file"
            _refuse(file.location, message, "name a regular file")
        raw = _open(file)
    except OSError as error:
        refuse_unreadable(file, error)
    head = raw.peek(len(_LFS_POINTER))
    if head.startswith(_LFS_POINTER):
        raw.close()
        message = "the file is a Git LFS pointer, not a contact file"
        _refuse(Location(file.shown), message, "run `git lfs pull`")
    name = file.shown.lower()
    if not name.endswith((_GZIP, _ZSTANDARD)):
        return raw
    try:
        opened = _gzip(file, raw, head) if name.endswith(_GZIP) else _zstandard(file, raw, head)
    except SpecError:
        raw.close()
        raise
    return cast("BinaryIO", _Decompressed(file, raw, opened))


def is_read_at_path(file: ContactFile) -> bool:
    """Return whether a list is what its path has now; any other list is read from a copy of its content."""
    return file.content is None and file.outside is None


def _open(file: ContactFile) -> io.BufferedReader:
    if file.content is not None:
        return io.BufferedReader(file.content())
    place = file.path if file.outside is None else verified_copy(file, file.outside)
    if file.observer is None:
        return io.BufferedReader(io.FileIO(place))
    return io.BufferedReader(_ObservedFile(place, file.observer))


class _ObservedFile(io.FileIO):
    """A file that reports each read."""

    def __init__(self, place: Path | int, observer: ReadObserver) -> None:
        super().__init__(place)
        self._observer = observer

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read into a buffer, and return the number of bytes, 0 at the end."""
        count = super().readinto(buffer) or 0  # None is for descriptors that do not block.
        self._observer.on_read(count)
        return count


def refuse_unreadable(file: ContactFile, error: OSError) -> NoReturn:
    """Raise the SpecError of a list that the system cannot open or read."""
    cause = error.strerror or type(error).__name__
    message = f"cannot read the contact file {file.shown}: {cause}"
    _refuse(file.location, message, "make the file readable")


def _gzip(file: ContactFile, raw: BinaryIO, head: bytes) -> Any:
    if not head.startswith(b"\x1f\x8b"):
        _refuse_name(file, "gzip", _GZIP)
    return gzip.GzipFile(fileobj=raw)


def _zstandard(file: ContactFile, raw: BinaryIO, head: bytes) -> Any:
    is_skippable = head[1:4] == b"\x2a\x4d\x18"  # Programs with several threads start with such a frame.
    if not head.startswith(b"\x28\xb5\x2f\xfd") and not is_skippable:
        _refuse_name(file, "Zstandard", _ZSTANDARD)
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd  # noqa: PLC0415 - few lists need it
        else:
            from backports import zstd  # noqa: PLC0415 - an extra
    except ImportError:
        refuse_missing_extra(file, "zstd")
    return zstd.ZstdFile(raw, options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX})


def refuse_missing_extra(file: ContactFile, extra: str) -> NoReturn:
    """Raise the SpecError of a list whose format needs a package that is not installed."""
    message = f"cannot read {file.shown}: the extra '{extra}' of sendspec is not installed"
    _refuse(file.location, message, f"run `pip install 'sendspec[{extra}]'`")


class _Decompressed(io.RawIOBase):
    """The decompressed bytes of a file, with a limit on their growth."""

    def __init__(self, file: ContactFile, raw: BinaryIO, opened: Any) -> None:
        super().__init__()
        self._file = file
        self._raw = raw
        self._opened = opened
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, b'' at the end; raises SpecError."""
        try:
            data = bytes(self._opened.read(size))
        except EOFError:
            _refuse(Location(self._file.shown), "the compressed file ends too early", _EXPORT_AGAIN)
        except OSError as error:
            if error.errno is not None:
                raise
            self._refuse_damage()
        except (zlib.error, ValueError):
            self._refuse_damage()
        except Exception as error:
            # ZstdError has no base class of its own, and its module is not always installed.
            if type(error).__name__ != "ZstdError":
                raise
            self._refuse_damage()
        self._size += len(data)
        if self._size > max(BYTES_WITHOUT_RATIO, RATIO_MAX * self._raw.tell()):
            message = f"the file expands to more than {RATIO_MAX} times its size, so it is not a list"
            _refuse(Location(self._file.shown), message, "decompress it, and check its rows")
        return data

    def _refuse_damage(self) -> NoReturn:
        if self._file.shown.lower().endswith(_GZIP):
            _refuse(Location(self._file.shown), "the compressed file is damaged", _EXPORT_AGAIN)
        message = "the compressed file is damaged, or needs more than 8 MiB to decompress"
        _refuse(Location(self._file.shown), message, "compress it again, without --long and --ultra")

    def close(self) -> None:
        """Close the file."""
        self._opened.close()
        self._raw.close()
        super().close()


def _refuse_name(file: ContactFile, method: str, suffix: str) -> NoReturn:
    message = f"the file is not compressed with {method}, although its name ends with {suffix}"
    _refuse(Location(file.shown), message, f"remove {suffix} from its name, or compress it")


def _refuse(location: Location, message: str, hint: str) -> NoReturn:
    raise SpecError([Problem(location, message, hint)]) from None
