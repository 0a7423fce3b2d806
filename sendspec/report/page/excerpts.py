"""Lines of specs at which findings point, as far as a send has them; never a line of contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.redact import mask_note

if TYPE_CHECKING:
    from sendspec.model import Location, Locations

_BEFORE: Final = 40
_LENGTH_MAX: Final = 120
"""Characters of an excerpt, of which `_BEFORE` are before the place that a finding points at."""

_PERSONAL: Final = frozenset({"contacts", "exclude"})
"""Keys whose values may have numbers and names of recipients."""


class Excerpt(NamedTuple):
    """A part of a line: `before` and `rest` of the place that a finding points at."""

    before: str
    rest: str


class Excerpts:
    """The excerpts of one send, by location."""

    def __init__(self, locations: Locations) -> None:
        self._lines: dict[tuple[str, int], list[tuple[int, str]]] = {}
        for path, written in locations.written.items():
            if path and path[0] in _PERSONAL:
                continue
            for index, line in enumerate(written.text.splitlines()):
                is_first = index == 0
                column = written.location.column if is_first else 1
                # A value after its key on the same line is read with it.
                key = f"{path[-1]}: " if is_first and path and isinstance(path[-1], str) else ""
                place = (written.location.file, written.location.line + index)
                self._lines.setdefault(place, []).append((column - len(key), f"{key}{line}"))

    def at(self, location: Location) -> Excerpt | None:
        """Return the line around a location, None if it is not a text of the send."""
        written = self._lines.get((location.file, location.line), [])
        around = [
            (column, line) for column, line in written if column <= location.column < column + len(line) + 1
        ]
        if not around:
            return None
        column, line = max(around)
        offset = location.column - column
        start = max(0, offset - _BEFORE)
        end = start + _LENGTH_MAX
        before, rest = line[start:offset], line[offset:end]
        return Excerpt(
            f"{'…' if start else ''}{mask_note(before)}", f"{mask_note(rest)}{'…' if end < len(line) else ''}"
        )
