"""Access to the files of a project directory, never to a file outside it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from sendspec.errors import SendspecError, SpecError
from sendspec.load.other_files import other_files
from sendspec.model import Location, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import OtherFile

_CAMPAIGNS: Final = "campaigns"
_YAML_SUFFIXES: Final = (".yaml", ".yml")
MISSING_HINT: Final = "create the file, or correct its name"


def resolve_inside(directory: Path, path: Path, *, missing: str = MISSING_HINT) -> Path:
    """Return the regular file at `path`, with all symlinks and `..` resolved.

    `missing` is the hint if the file does not exist.

    Raises:
        SpecError: if the file is outside the project directory, does not exist, or is not a regular
            file. The location is `path` itself; callers may replace it by the place that names it.
    """
    file = path.as_posix()
    try:
        real = _inside(directory, path)
        if real.is_file():
            return real
        if real.exists():
            raise _error(file, "this is not a regular file", "replace it with a regular file")
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a symlink loop before Python 3.13
        raise _error(file, f"cannot find the file: {_reason(error)}", None) from None
    raise _error(file, "the file does not exist", missing)


def resolve_below(directory: Path, name: str) -> Path | None:
    """Return the regular file `name` below a directory, with all symlinks resolved; None without it.

    Raises:
        SpecError: if it leads out of the directory, is not a regular file, or cannot be looked up. The
            location is the path; callers may replace it by the place that names it.
    """
    path = directory / name
    try:
        real = path.resolve()
        if not real.is_relative_to(directory.resolve()):
            hint = "put the file itself into the directory"
            raise _error(path.as_posix(), "the file is outside the contacts directory", hint)
        if real.is_file():
            return real
        if real.exists():
            raise _error(path.as_posix(), "this is not a regular file", "replace it with a regular file")
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a symlink loop before Python 3.13
        raise _error(path.as_posix(), f"cannot find the file: {_reason(error)}", None) from None
    return None


def refuse_state_outside(directory: Path) -> None:
    """Check that `.sendspec/`, the folder of local state, is inside the project directory.

    Raises:
        SpecError: if the folder leads elsewhere, or is not a folder.
    """
    for path in (directory / ".sendspec", directory / ".sendspec" / "sandbox"):
        try:
            real = _inside(directory, path)
            if real.exists() and not real.is_dir():
                hint = "remove it; sendspec creates the folder itself"
                raise _error(path.as_posix(), "this is not a folder", hint)
        except (OSError, RuntimeError) as error:
            raise _error(path.as_posix(), f"cannot use the folder: {_reason(error)}", None) from None


def _inside(directory: Path, path: Path) -> Path:
    real = path.resolve()
    if not real.is_relative_to(directory.resolve()):
        message = "the file is outside the project directory"
        raise _error(path.as_posix(), message, "copy it into the project directory")
    return real


def read_inside(directory: Path, path: Path, limit: int, *, missing: str = MISSING_HINT) -> bytes:
    """Read a file of the project directory, at most `limit` bytes and one more.

    Raises:
        SpecError: as `resolve_inside`, and if the file cannot be read.
    """
    real = resolve_inside(directory, path, missing=missing)
    try:
        with real.open("rb") as stream:
            return stream.read(limit + 1)
    except OSError as error:
        raise _error(path.as_posix(), f"cannot read the file: {_reason(error)}", None) from None


class ProjectFiles(Protocol):
    """The files of a project directory, on disk or in a commit."""

    def check_directory(self) -> None:
        """Check that the directory exists; raise SendspecError."""

    def check_state(self) -> None:
        """Check that the folder of local state is inside the directory; raise SpecError."""

    def read(self, path: Path, limit: int, *, missing: str = MISSING_HINT) -> bytes:
        """Return a file, at most `limit` bytes and one more; raise SpecError with `missing` as its hint."""

    def campaigns(self) -> tuple[Path, ...]:
        """Return the campaign files by path; raise SpecError if there are none."""

    def others(self) -> tuple[OtherFile, ...]:
        """Return the files that look like a part of the project, but are not campaigns."""


class ProjectReader:
    """Reads many files of a project directory; it looks at each folder of them only once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._is_inside: dict[Path, bool] = {}

    def check_directory(self) -> None:
        """Check that the directory exists and can be read; raise SendspecError."""
        message, hint = "directory not found", "run `sendspec init` to create it"
        try:
            found = self._directory.is_dir()
        except OSError as error:
            found, message = False, f"cannot read the directory: {(error.strerror or str(error)).lower()}"
            hint = "make the directory readable, or name another one"
        if not found:
            raise SendspecError(f"{self._directory.as_posix()}: {message}", hint=hint)

    def check_state(self) -> None:
        """Check the folder as `refuse_state_outside`."""
        refuse_state_outside(self._directory)

    def campaigns(self) -> tuple[Path, ...]:
        """Return the files as `campaign_files`."""
        return campaign_files(self._directory, _CAMPAIGNS)

    def others(self) -> tuple[OtherFile, ...]:
        """Return the files as `other_files`."""
        return other_files(self._directory, _CAMPAIGNS)

    def read(self, path: Path, limit: int, *, missing: str = MISSING_HINT) -> bytes:
        """Read a file as `read_inside`."""
        folder = path.parent
        if folder not in self._is_inside:
            self._is_inside[folder] = _is_folder_inside(self._directory, folder)
        content = read_regular(path, limit) if self._is_inside[folder] else None
        return read_inside(self._directory, path, limit, missing=missing) if content is None else content


def _is_folder_inside(directory: Path, folder: Path) -> bool:
    try:
        return folder.resolve().is_relative_to(directory.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def read_regular(path: Path, limit: int) -> bytes | None:
    """Return at most `limit` + 1 bytes of a regular file inside the project, None if it is anything else.

    A file that is not a link is where its folder is. Reading must not wait for a pipe.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return None
            # A buffer of the limit would take longer than the rest of the check of a usual file.
            content = os.read(handle, min(limit, status.st_size) + 1)
            if len(content) == status.st_size:
                return content
            with os.fdopen(handle, "rb", closefd=False) as stream:
                return content + stream.read(limit + 1 - len(content))
        finally:
            os.close(handle)
    except (OSError, ValueError):
        return None


def campaign_files(directory: Path, folder: str) -> tuple[Path, ...]:
    """Return the YAML files of a folder and its subfolders by path, without hidden ones.

    git does not keep an empty folder, so a project without the folder is one without campaigns.

    Raises:
        SpecError: if the folder is unreadable or not a folder, a subfolder is unreadable or a link, or a
            name cannot be printed.
    """
    root = directory / folder
    if not os.path.lexists(root):
        return ()
    if not os.path.isdir(root):  # noqa: PTH112 - `Path.is_dir` raises if it may not look
        raise _error(root.as_posix(), "this is not a folder", "replace it with a folder of campaigns")
    files: list[Path] = []
    problems: list[Problem] = []
    for parent, folders, names in os.walk(root, onerror=_refuse_folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = Path(parent)
        campaigns = [name for name in names if is_campaign(name)]
        _refuse_unprintable(below, [*folders, *campaigns])
        problems += [problem for name in folders if (problem := _folder_problem(below / name)) is not None]
        files += [below / name for name in campaigns]
    if problems:
        raise SpecError(problems)
    return tuple(sorted(files))


def _refuse_folder(error: OSError) -> None:
    raise _error(Path(error.filename).as_posix(), f"cannot read the folder: {_reason(error)}", None)


def _folder_problem(path: Path) -> Problem | None:
    """Return the problem of a subfolder: it is a link, or has the name of a campaign."""
    location = Location(path.as_posix())
    if path.is_symlink():
        hint = "replace the link by the folder, or start its name with a dot to ignore it"
        return Problem(location, "this linked folder is not read", hint)
    if is_campaign(path.name):
        return Problem(location, "this is not a regular file", "replace it with a regular file")
    return None


def is_campaign(name: str) -> bool:
    """Return whether a file name in the folder of campaigns is that of a campaign."""
    return name.lower().endswith(_YAML_SUFFIXES) and not name.startswith(".")


def _refuse_unprintable(folder: Path, names: Iterable[str]) -> None:
    unprintable = [name for name in names if not name.isprintable()]
    if unprintable:
        raise SpecError(
            Problem(
                Location(folder.as_posix()), f"the file name {name!a} cannot be printed", "rename the file"
            )
            for name in unprintable
        )


def _error(file: str, message: str, hint: str | None) -> SpecError:
    return SpecError([Problem(Location(file), message, hint)])


def _reason(error: Exception) -> str:
    if isinstance(error, RuntimeError):
        return "too many levels of symbolic links"  # the message of Python 3.13
    return (getattr(error, "strerror", None) or str(error)).lower()
