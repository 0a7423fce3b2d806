"""Paths on a command line that are project directories, or files and folders in projects."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from msgspec import Struct

from sendspec.cli._lib.project_directory import PROJECT_FILE, find_project_directory
from sendspec.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

CAMPAIGNS: Final = "campaigns"
_FILE_ENDINGS: Final = frozenset(
    {
        ".yaml",
        ".yml",
        ".csv",
        ".tsv",
        ".txt",
        ".json",
        ".jsonl",
        ".parquet",
        ".arrow",
        ".feather",
        ".gz",
        ".zst",
    }
)
"""Ends of names that a file of a project has, and hardly a folder."""


class ProjectPaths(NamedTuple):
    """A project directory as in messages, and the paths in it; without paths the whole project is meant."""

    directory: str
    paths: tuple[Path, ...] = ()

    def contains(self, file: str) -> bool:
        """Return whether a file of the project is one of the paths, or below one."""
        return not self.paths or any(_is_at_or_below(Path(file), path) for path in self.paths)


def group_by_project(names: Sequence[str]) -> list[ProjectPaths]:
    """Return the projects that the paths of a command line belong to, in their order.

    Without paths it is the project directory of any other verb. A directory with `sendspec.yaml` is a
    project; any other path belongs to the nearest one above it in the same git work tree.

    Raises:
        Usage: a path is empty, or is a file that does not exist or is not in a project.
    """
    if not names:
        return [ProjectPaths(find_project_directory())]
    groups: dict[str, _Group] = {}
    for name in names:
        if not name.strip():
            raise Usage("a path is empty", hint="name a project directory or a file; `.` is the current one")
        directory = _project_of(name)
        shown = str(Path(name)) if directory is None else directory
        group = groups.setdefault(os.path.abspath(shown), _Group(shown, []))  # noqa: PTH100 - as below
        if directory is None:
            group.is_whole = True
        else:
            group.paths.append(_in_project(Path(name), Path(group.shown)))
    return [
        ProjectPaths(group.shown, () if group.is_whole else tuple(dict.fromkeys(group.paths)))
        for group in groups.values()
    ]


class _Group(Struct):
    """The paths of one project; `shown` is its directory as the first of them has it."""

    shown: str
    paths: list[Path]
    is_whole: bool = False


def _project_of(name: str) -> str | None:
    """Return the project directory of a file or folder, None if the path is a project directory itself."""
    path = Path(os.path.abspath(name))  # noqa: PTH100 - `resolve` follows links, which the project may have
    is_folder = path.is_dir()
    if is_folder and (path / PROJECT_FILE).is_file():
        return None
    for folder in path.parents:
        if (folder / PROJECT_FILE).is_file():
            if not os.path.lexists(path):
                _refuse_missing(name)
            return str(folder) if Path(name).is_absolute() else os.path.relpath(folder)
        if os.path.lexists(folder / ".git"):
            break
    if not os.path.lexists(path) and path.suffix.lower() in _FILE_ENDINGS:
        _refuse_missing(name)
    if is_folder or not os.path.lexists(path):
        return None  # The verb reports what the project directory lacks.
    raise Usage(
        f"{name} is not part of a project: {PROJECT_FILE} not found in any folder above it",
        hint="name a file in a project directory, or run `sendspec init` to create one",
    )


def _refuse_missing(name: str) -> NoReturn:
    raise Usage(f"{name}: file not found", hint="check the name, or name a project directory")


def _in_project(path: Path, directory: Path) -> Path:
    """Return a path as the loader writes it: starting with the project directory."""
    inside = os.path.relpath(os.path.abspath(path), os.path.abspath(directory))  # noqa: PTH100 - as above
    return directory / inside


def _is_at_or_below(file: Path, path: Path) -> bool:
    return file == path or path in file.parents
