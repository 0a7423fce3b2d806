"""Locations in files: where a value or a contact is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct, field

from sendspec.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

NodePath = tuple[str | int, ...]

_LINE_BREAK: Final = lazy_pattern("\r\n|\r|\n")


class Location(NamedTuple):
    """A position in a file: `file` as a person would open it, line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class WrittenText(Struct, frozen=True):
    """A text as its file has it, with its quotes, escapes and line breaks; it starts at `location`."""

    text: str
    location: Location

    def find(self, value: str, start: int, end: int) -> Location | None:
        """Return the location of `value[start:end]`, if `value` is this text without quotes and escapes.

        It is None if escapes or the line breaks of a folded text hide the part.
        """
        part = value[start:end]
        for searched in (part, part.split(maxsplit=1)[0] if part.strip() else part):
            at = _same_occurrence(searched, value, start, self._inside)
            if at is not None:
                lines = _LINE_BREAK.split(self.text[:at])
                first_column = 1 if len(lines) > 1 else self.location.column
                line = self.location.line + len(lines) - 1
                return Location(self.location.file, line, first_column + len(lines[-1]))
        return None

    @property
    def _inside(self) -> str:
        """The text without the header of a block and without quotes; offsets stay the same."""
        if self.text.startswith(("|", ">")):
            header = self.text.find("\n") + 1
            return " " * header + self.text[header:]
        return f" {self.text[1:-1]}" if self.text.startswith(("'", '"')) else self.text


def _same_occurrence(part: str, value: str, start: int, written: str) -> int | None:
    """Return where `written` has the occurrence of `part` at `start` of `value`, None if that is unclear."""
    if not part:
        return None
    pattern = re.compile(re.escape(part))
    starts = [match.start() for match in pattern.finditer(value)]
    found = [match.start() for match in pattern.finditer(written)]
    return found[starts.index(start)] if start in starts and len(found) == len(starts) else None


class Locations(Struct, frozen=True):
    """The locations below one YAML node: `by_path` of each value, `keys` of each key.

    A path is the sequence of keys and indexes from `root` to the value. `written` has each text as it is
    in the file.
    """

    root: Location
    by_path: Mapping[NodePath, Location] = field(default_factory=dict)
    keys: Mapping[NodePath, Location] = field(default_factory=dict)
    written: Mapping[NodePath, WrittenText] = field(default_factory=dict)

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

    def within(self, path: NodePath, value: str, start: int, end: int) -> Location:
        """Return the location of `value[start:end]` in the text `value` at `path`, else that of the text."""
        written = self.written.get(path)
        location = None if written is None else written.find(value, start, end)
        return self.of(*path) if location is None else location
