"""The tree of a commit below the project directory: names, and the objects that they lead to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from msgspec import Struct

from sendspec.errors import SendspecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_LINKS_MAX: Final = 40
"""Links that a path may lead through, as on Linux."""
_LINK: Final = "120000"
_SUBMODULE: Final = "160000"
_ENTRY: Final = re.compile(r"(\d{6}) (\w+) ([0-9a-f]{40,64})\t(.*)", re.DOTALL)


class PathRefused(SendspecError):
    """A path of the tree that does not lead to a file of the project directory."""


class CommitTree(Struct, frozen=True):
    """The files of a project directory in a commit.

    `blobs` has the object of each file by its path in the project directory, `links` the target of each
    symbolic link.
    """

    blobs: Mapping[str, str]
    links: Mapping[str, str]

    def resolve(self, path: str) -> str:
        """Return the path of the file that a path leads to, without links and `..`.

        Raises:
            PathRefused: it leads outside the project directory, or to something that is not a file.
        """
        found = "/".join(self._walk(path.split("/")))
        if found in self.blobs:
            return found
        start = f"{found}/"
        if not found or any(name.startswith(start) for name in self.blobs):
            raise PathRefused("this is not a regular file", hint="replace it with a regular file")
        raise PathRefused("the file does not exist", hint="create the file, or correct its name")

    def below(self, folder: str) -> Iterator[str]:
        """Yield the paths of files and links below a folder."""
        start = f"{folder}/"
        yield from (path for path in (*self.blobs, *self.links) if path.startswith(start))

    def _walk(self, parts: Sequence[str]) -> Sequence[str]:
        left, found, links = list(reversed(parts)), list[str](), 0
        while left:
            part = left.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not found:
                    _refuse_outside()
                found.pop()
                continue
            target = self.links.get("/".join((*found, part)))
            if target is None:
                found.append(part)
                continue
            links += 1
            if links > _LINKS_MAX:
                raise PathRefused("cannot find the file: too many levels of symbolic links")
            if target.startswith("/"):
                _refuse_outside()
            left += reversed(target.split("/"))
        return found


def _refuse_outside() -> NoReturn:
    message = "the file is outside the project directory"
    raise PathRefused(message, hint="copy it into the project directory")


class TreeEntry(NamedTuple):
    """A file or a link in the output of `ls-tree`, with its path in the project directory."""

    path: str
    blob: str
    is_link: bool


def parse_tree(listed: bytes, folder: str) -> Iterable[TreeEntry]:
    """Yield the files and links below a folder in the output of `ls-tree -r -z`, without submodules."""
    start = f"{folder}/" if folder else ""
    for entry in listed.decode(errors="surrogateescape").split("\0"):
        match = _ENTRY.fullmatch(entry)
        if match is not None and match[1] != _SUBMODULE and match[4].startswith(start):
            yield TreeEntry(match[4].removeprefix(start), match[3], match[1] == _LINK)
