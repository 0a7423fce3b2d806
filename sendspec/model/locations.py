"""Where things are written, and what is said about a place."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

NodePath = tuple[str | int, ...]


class Location(NamedTuple):
    """Where something is written: `file` as a person would open it, line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Locations:
    """The place of every value below one node, by its path of keys and indexes; `keys` has their keys'."""

    root: Location
    by_path: Mapping[NodePath, Location] = field(default_factory=dict)
    keys: Mapping[NodePath, Location] = field(default_factory=dict)

    def of(self, *path: str | int) -> Location:
        """Give the place of the value at `path`, or of the nearest value around it."""
        for end in range(len(path), 0, -1):
            found = self.by_path.get(path[:end])
            if found is not None:
                return found
        return self.root

    def key(self, *path: str | int) -> Location:
        """Give the place of the key that names the value at `path`, or of the nearest value around it."""
        found = self.keys.get(path)
        return self.of(*path) if found is None else found


class Problem(NamedTuple):
    """Something that keeps a file from being understood; sorts by place."""

    location: Location
    message: str
    hint: str | None = None


class Level(StrEnum):
    """How much a finding weighs: an error blocks apply, a warning and an info never do."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about one place; `address` is None where it concerns the whole project."""

    rule: str
    level: Level
    message: str
    location: Location
    address: str | None = None
    hint: str | None = None
    allowed: str | None = None
    """The reason of the `allow` entry that excepts this finding, else None; it then blocks nothing."""
