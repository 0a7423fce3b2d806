"""The project directory of a commit: its specs, and its lists if they differ from those on disk."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sendspec.base_specs.blob_file import BlobReader
from sendspec.base_specs.commit_tree import CommitTree, PathRefused, parse_tree
from sendspec.base_specs.list_contents import LFS_POINTER_MAX, git_object_of, is_pointer_to
from sendspec.errors import SendspecError, SpecError
from sendspec.load import MISSING_HINT, is_campaign, resolve_inside
from sendspec.model import BaseState, Location, Problem
from sendspec.render import FoundList
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from io import FileIO, RawIOBase

    from sendspec.base_specs.object_reader import ObjectReader
    from sendspec.load import ProjectFiles
    from sendspec.model import ComparedBase, OtherFile

_CAMPAIGNS: Final = "campaigns"
_SPEC_BYTES_MAX: Final = 1 << 20
_LINK_BYTES_MAX: Final = 4096
_COMMITS_MAX: Final = 20
"""Campaigns whose last commit is looked up."""
_COMMITS_SECONDS_MAX: Final = 5


class CommitFiles:
    """The project directory of a commit, without a checkout.

    A list whose content is that of the file on disk is that file, so that the plan reads it once. Any other
    list is copied to a file without a name when it is read. `directory` is that on disk, for messages too.
    """

    def __init__(
        self, reader: ObjectReader, base: ComparedBase, commit: str, directory: Path, *, tip: str
    ) -> None:
        self.base = base
        self._tip = tip
        self.directory = directory
        self._reader = reader
        self._commit = commit
        self._folder = folder_of(reader.root, directory)
        self._tree = _read_tree(reader, commit, self._folder)
        if "sendspec.yaml" not in (*self._tree.blobs, *self._tree.links):
            self.base = replace(base, state=BaseState.NO_PROJECT)
        self._contents: dict[str, bytes] = {}
        self._lists: dict[str, FoundList | Problem] = {}
        self._outside: set[Path] = set()
        self._open: dict[str, FileIO] = {}

    @property
    def files(self) -> ProjectFiles:
        """The specs of the commit."""
        return self

    def close(self) -> None:
        """Close the copies of lists, which removes them."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def check_directory(self) -> None:
        """Accept the directory: a commit without it has the state NO_PROJECT."""

    def check_state(self) -> None:
        """Accept the directory: nothing is stored in a commit."""

    def others(self) -> tuple[OtherFile, ...]:
        """Return nothing, because only the rules read these files."""
        return ()

    def campaigns(self) -> tuple[Path, ...]:
        """Return the campaign files by path, without hidden ones."""
        paths = [PurePosixPath(path) for path in self._tree.below(_CAMPAIGNS)]
        visible = [path for path in paths if not any(part.startswith(".") for part in path.parts)]
        return tuple(sorted(self.directory / path for path in visible if is_campaign(path.name)))

    def read(self, path: Path, limit: int, *, missing: str = MISSING_HINT) -> bytes:
        """Return a file of the commit; raise SpecError if it does not lead to one, or is too large."""
        try:
            blob = self._tree.blobs[self._resolve(path)]
        except PathRefused as error:
            hint = missing if error.hint == MISSING_HINT else error.hint
            raise SpecError([Problem(Location(path.as_posix()), str(error), hint)]) from None
        if not self._contents:
            self._contents = self._read_specs()
        content = self._contents.get(blob)
        if content is None:
            size = self._reader.sizes([blob]).get(blob, 0)
            if size > limit:
                return bytes(limit + 1)  # The parser refuses a file of that size without a look at it.
            content = self._contents[blob] = self._reader.read([blob])[blob]
        return content[: limit + 1]

    def find(self, path: Path) -> FoundList | Problem:
        """Return a list of the commit: the file on disk if its content is the same, or if git lacks it."""
        key = path.as_posix()
        if key not in self._lists:
            self._lists[key] = self._find(path)
        return self._lists[key]

    def text_of(self, spec: Path) -> str:
        """Return the text of a spec that was loaded."""
        return self.read(spec, _SPEC_BYTES_MAX).decode(errors="replace")

    def is_outside(self, path: Path) -> bool:
        """Return whether the commit does not have the list at this path, which is on disk only."""
        return path in self._outside

    def last_commits(self, campaigns: Iterable[Path]) -> Mapping[Path, tuple[str, datetime]]:
        """Return the last commits that changed the first few of these files."""
        found: dict[Path, tuple[str, datetime]] = {}
        # The comparison is complete without these commits, and each takes a walk through the history.
        with suppress(SendspecError), self._reader.within(_COMMITS_SECONDS_MAX):
            for path in sorted(campaigns)[:_COMMITS_MAX]:
                name = PurePosixPath(self._folder, self._resolve(path)).as_posix()
                if (commit := self._reader.last_commit(self._commit, name)) is not None:
                    found[path] = (commit, self._reader.raw_commit(commit).at)
        return found

    def changed_since(self, campaigns: Iterable[Path]) -> frozenset[Path]:
        """Return the files that newer commits of the ref change, in comparison with this commit."""
        if self._tip == self._commit:
            return frozenset()
        changed = self._reader.changed_paths(self._commit, self._tip, self._folder)
        names = {path: PurePosixPath(self._folder, self._resolve(path)).as_posix() for path in campaigns}
        return frozenset(path for path, name in names.items() if name in changed)

    def _find(self, path: Path) -> FoundList | Problem:
        try:
            name = self._resolve(path)
        except PathRefused as error:
            on_disk = self._on_disk(path) if error.hint == MISSING_HINT else None
            if on_disk is None:
                return Problem(Location(path.as_posix()), str(error), error.hint)
            self._outside.add(on_disk.path)
            return on_disk
        blob, shown = self._tree.blobs[name], (self.directory / name).as_posix()
        on_disk = self._on_disk(self.directory / name)
        if on_disk is not None and self._has_content(blob, on_disk.path):
            return on_disk._replace(shown=shown)
        return FoundList(Path(f"{self._commit}:{name}"), shown, partial(self._opened, blob))

    def _on_disk(self, path: Path) -> FoundList | None:
        try:
            real = resolve_inside(self.directory, path)
        except SpecError:
            return None
        return FoundList(real, (self.directory / real.relative_to(self.directory.resolve())).as_posix())

    def _has_content(self, blob: str, path: Path) -> bool:
        """Return whether a file on disk has the content of an object, or that to which it points."""
        if git_object_of(path, blob) == blob:
            return True
        size = self._reader.sizes([blob]).get(blob, 0)
        return 0 < size <= LFS_POINTER_MAX and is_pointer_to(self._reader.read([blob])[blob], path)

    def _opened(self, blob: str) -> RawIOBase:
        if blob not in self._open:
            self._open[blob] = self._reader.copy(blob)
        return BlobReader(self._open[blob].fileno())

    def _read_specs(self) -> dict[str, bytes]:
        """Return the contents of the YAML files that are not too large, by their object."""
        blobs = {blob for path, blob in self._tree.blobs.items() if _is_spec(path)}
        sizes = self._reader.sizes(sorted(blobs))
        return self._reader.read([blob for blob, size in sizes.items() if size <= _SPEC_BYTES_MAX])

    def _resolve(self, path: Path) -> str:
        """Return where a path below the project directory leads in the tree; raise PathRefused."""
        return self._tree.resolve(Path(os.path.relpath(path, self.directory)).as_posix())


def folder_of(root: Path, directory: Path) -> str:
    """Return the path of a project directory in its work tree, '' for the whole work tree."""
    folder = directory.resolve().relative_to(root).as_posix()
    return "" if folder == "." else folder


def _read_tree(reader: ObjectReader, commit: str, folder: str) -> CommitTree:
    entries = [*parse_tree(reader.list_tree(commit, folder), folder)]
    links = {entry.path: entry.blob for entry in entries if entry.is_link}
    sizes = reader.sizes(sorted(set(links.values()))) if links else {}
    short = [blob for blob, size in sizes.items() if size <= _LINK_BYTES_MAX]
    targets = reader.read(short) if short else {}
    return CommitTree(
        {entry.path: entry.blob for entry in entries if not entry.is_link},
        {path: targets.get(blob, b"/").decode(errors="surrogateescape") for path, blob in links.items()},
    )


def _is_spec(path: str) -> bool:
    return path == "sendspec.yaml" or (path.startswith(f"{_CAMPAIGNS}/") and is_campaign(path))
