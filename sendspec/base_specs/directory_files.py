"""The project directory of another checkout as a base."""

from __future__ import annotations

import filecmp
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sendspec.errors import SpecError
from sendspec.load import resolve_inside
from sendspec.load.project_files import read_inside
from sendspec.model import Problem
from sendspec.render import ContactFileFinder, FoundList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from sendspec.model import ComparedBase
_SPEC_BYTES_MAX: Final = 1 << 20


class DirectoryFiles:
    """The files of another project directory; a list with the content of the current one is that file."""

    def __init__(self, base: ComparedBase, directory: Path, current: Path) -> None:
        self.base = base
        self.directory = directory
        self._current = current
        self._finder = ContactFileFinder(directory)

    @property
    def files(self) -> None:
        """The specs are on disk."""
        return

    def close(self) -> None:
        """Do nothing, because the files are only read."""

    def find(self, path: Path) -> FoundList | Problem:
        """Return a list: the current file if it has the same content, else that of the base."""
        found = self._finder.find(path)
        if isinstance(found, Problem):
            return found
        relative = found.path.relative_to(self.directory.resolve())
        shown = (self._current / relative).as_posix()
        with suppress(SpecError, OSError):
            current = resolve_inside(self._current, self._current / relative)
            if filecmp.cmp(found.path, current, shallow=False):
                return FoundList(current, shown)
        return found._replace(shown=shown)

    def text_of(self, spec: Path) -> str:
        """Return the text of a spec that was loaded."""
        return read_inside(self.directory, spec, _SPEC_BYTES_MAX).decode(errors="replace")

    def is_outside(self, path: Path) -> bool:  # noqa: ARG002 - every list is in the directory
        """Return False: the directory has all its lists."""
        return False

    def changed_since(self, campaigns: Iterable[Path]) -> frozenset[Path]:  # noqa: ARG002
        """Return nothing: a directory has one state."""
        return frozenset()

    def last_commits(self, campaigns: Iterable[Path]) -> Mapping[Path, tuple[str, datetime]]:  # noqa: ARG002
        """Return nothing: the history of a directory is not read."""
        return {}
