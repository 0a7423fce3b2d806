"""Reading files of a project directory, and never one outside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sendspec.errors import SpecError
from sendspec.model import Location, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_YAML: Final = (".yaml", ".yml")


def resolve_inside(directory: Path, path: Path, *, missing: str | None = None) -> Path:
    """Give the regular file that `path` leads to, every symlink and `..` followed.

    `missing` is the hint where there is no such file.

    Raises:
        SpecError: where it leads out of the project directory, to nothing, or to something that is
            not a regular file. The place is `path` itself; one who knows a better one may replace it.
    """
    shown = path.as_posix()
    try:
        real = _inside(directory, path)
        if real.is_file():
            return real
        if real.exists():
            raise _problem(shown, "this is not a regular file", None)
    except (OSError, RuntimeError, ValueError) as error:  # a loop of symlinks is a RuntimeError before 3.13
        raise _problem(shown, f"the file cannot be found: {_reason(error)}", None) from None
    raise _problem(shown, "the file does not exist", missing)


def refuse_state_outside(directory: Path) -> None:
    """See that what sendspec keeps for itself and its sandbox would be written into this directory.

    Raises:
        SpecError: it leads elsewhere, or is no folder.
    """
    for path in (directory / ".sendspec", directory / ".sendspec" / "sandbox"):
        try:
            real = _inside(directory, path)
            if real.exists() and not real.is_dir():
                hint = "remove it; sendspec makes it as it needs it"
                raise _problem(path.as_posix(), "this is not a folder", hint)
        except (OSError, RuntimeError) as error:
            raise _problem(path.as_posix(), f"the folder cannot be used: {_reason(error)}", None) from None


def _inside(directory: Path, path: Path) -> Path:
    real = path.resolve()
    if not real.is_relative_to(directory.resolve()):
        message = "the file is outside the project directory"
        raise _problem(path.as_posix(), message, "copy it into the project directory")
    return real


def read_inside(directory: Path, path: Path, most: int, *, missing: str | None = None) -> bytes:
    """Read a file of the project directory, at most `most` bytes of it and one more.

    Raises:
        SpecError: as `resolve_inside`, and where the file cannot be read.
    """
    real = resolve_inside(directory, path, missing=missing)
    try:
        with real.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise _problem(path.as_posix(), f"the file cannot be read: {_reason(error)}", None) from None


def yaml_files(directory: Path, folder: str) -> tuple[Path, ...]:
    """List the YAML files of a folder of the project directory by name, hidden ones left out.

    Raises:
        SpecError: where the folder is missing, unreadable or empty, or a name cannot be printed.
    """
    where = directory / folder
    hint = "`sendspec init` makes an example"
    try:
        names = sorted(entry.name for entry in where.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        raise _problem(where.as_posix(), f"there is no folder {folder}/", hint) from None
    except OSError as error:
        raise _problem(where.as_posix(), f"the folder cannot be read: {_reason(error)}", None) from None
    wanted = [name for name in names if _is_campaign(name)]
    _refuse_unprintable(where, wanted)
    if not wanted:
        raise _problem(where.as_posix(), "there are no campaigns: no *.yaml in this folder", hint)
    return tuple(where / name for name in wanted)


def refuse_unread(directory: Path, folder: str) -> None:
    """See that no YAML file lies deeper in a folder than where it is read: nobody would miss its sends.

    What begins with a dot is left alone, for drafts and for other tools.

    Raises:
        SpecError: with every such file.
    """
    problems = list(_unread(directory / folder))
    if problems:
        raise SpecError(problems)


def _unread(where: Path) -> Iterator[Problem]:
    hint = f"move it to {where.as_posix()}/ itself; what is not meant to be read may begin with a dot"

    def refuse(error: OSError) -> None:
        if error.filename != str(where):  # of the folder itself `yaml_files` tells
            raise _problem(
                Path(error.filename).as_posix(), f"the folder cannot be read: {_reason(error)}", None
            )

    for root, folders, names in os.walk(where, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = Path(root)
        links = [name for name in folders if (below / name).is_symlink()]
        files = [name for name in names if below != where and _is_campaign(name)]
        _refuse_unprintable(below, links + files)
        for name in links:
            yield Problem(Location((below / name).as_posix()), "nothing in this linked folder is read", hint)
        for name in files:
            message = f"this file is not read: {where.name}/ has no folders of campaigns"
            yield Problem(Location((below / name).as_posix()), message, hint)


def _is_campaign(name: str) -> bool:
    return name.lower().endswith(_YAML) and not name.startswith(".")


def _refuse_unprintable(where: Path, names: Iterable[str]) -> None:
    bad = [name for name in names if not name.isprintable()]
    if bad:
        raise SpecError(
            Problem(
                Location(where.as_posix()), f"the file name {name!a} cannot be printed", "rename the file"
            )
            for name in bad
        )


def _problem(shown: str, message: str, hint: str | None) -> SpecError:
    return SpecError([Problem(Location(shown), message, hint)])


def _reason(error: Exception) -> str:
    if isinstance(error, RuntimeError):
        return "too many levels of symbolic links"  # as later versions of Python say it
    return (getattr(error, "strerror", None) or str(error)).lower()
