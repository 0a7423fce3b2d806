"""Files of a project directory that look like a part of the project, but are not read as one."""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sendspec.lazy_pattern import lazy_pattern
from sendspec.model import FileKind, OtherFile
from sendspec.suggest import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES_MAX: Final = 10_000
"""The project directory may be the root of a repository with many other files."""

_YAML: Final = lazy_pattern(r"\.ya?ml", re.IGNORECASE)
_LIKE_A_CAMPAIGN: Final = lazy_pattern(r"\.(ya?ml|json5?|jsonc|toml)(\W.*)?", re.IGNORECASE)
_LIST: Final = lazy_pattern(
    r".*\.(csv|tsv|xlsx?|ods|jsonl|parquet|arrow|feather)(\.(gz|zst))?", re.IGNORECASE | re.DOTALL
)


def other_files(directory: Path, folder: str) -> tuple[OtherFile, ...]:
    """Return the files that look like campaigns or lists, without the YAML files in `folder`.

    Hidden files, linked folders and unreadable folders are left out, and all files after the first 10,000.
    """
    return tuple(sorted(islice(_found(directory, folder), _FILES_MAX)))


def _found(directory: Path, folder: str) -> Iterator[OtherFile]:
    visible = islice(_visible_files(directory), _FILES_MAX)
    for below, name in visible:
        # Most files are campaigns, and a path of each takes longer than to see that.
        if below.parts[:1] == (folder,) and name.endswith((".yaml", ".yml")):
            continue
        kind = _kind(below / name, folder)
        if kind is not None:
            path = directory / below / name
            yield OtherFile(path.as_posix(), Path(os.path.realpath(path)), kind)


def _visible_files(directory: Path) -> Iterator[tuple[Path, str]]:
    """Yield the folder of each file, relative to the project directory, and its name."""
    for parent, folders, names in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        below = Path(parent).relative_to(directory)
        yield from ((below, name) for name in sorted(names) if not name.startswith("."))


def _kind(path: Path, folder: str) -> FileKind | None:
    """Return the kind of a file by its path in the project directory, None for any other file."""
    first, depth = path.parts[0], len(path.parts)
    suffix = path.name[path.name.find(".") :] if "." in path.name else ""
    if _LIST.fullmatch(path.name):
        return FileKind.LIST
    if first == folder and depth > 1:
        is_campaign = _YAML.fullmatch(path.suffix) is not None
        return None if is_campaign or not _LIKE_A_CAMPAIGN.search(suffix) else FileKind.NOT_YAML
    if _YAML.fullmatch(path.suffix) and path.as_posix() != "sendspec.yaml":
        in_misspelt_folder = depth > 1 and closest(first, [folder]) is not None
        return FileKind.OUTSIDE if depth == 1 or in_misspelt_folder else None
    return None
