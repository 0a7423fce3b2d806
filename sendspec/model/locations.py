"""Locations in files: where a value or a contact is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

NodePath = tuple[str | int, ...]


class Location(NamedTuple):
    """A position in a file: `file` as a person would open it, line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Locations:
    """The locations below one YAML node: `by_path` of each value, `keys` of each key.

    A path is the sequence of keys and indexes from `root` to the value.
    """

    root: Location
    by_path: Mapping[NodePath, Location] = field(default_factory=dict)
    keys: Mapping[NodePath, Location] = field(default_factory=dict)

    def of(self, *path: str | int) -> Location:
        """Return the location of the value at `path`, or of the nearest value around it."""
        for end in range(len(path), 0, -1):
            location = self.by_path.get(path[:end])
            if location is not None:
                return location
        return self.root

    def key(self, *path: str | int) -> Location:
        """Return the location of the key of the value at `path`, or of the nearest value around it."""
        location = self.keys.get(path)
        return self.of(*path) if location is None else location
