"""Scan of the values of contacts: counts and first locations of each kind of defect."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from sendspec.model import DefectKind, ValueDefect
from sendspec.text_defects import (
    SEPARATOR,
    defects_in_value,
    invisible_characters,
    looks_like_rows,
    may_have_defects,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.model import Contact, Location

LOCATIONS_MAX: Final = 3


class ValueScan:
    """The defects in the values of one audience so far; its memory does not grow with the list."""

    def __init__(self, *, are_inline: bool) -> None:
        self._are_inline = are_inline
        self._counts: dict[tuple[DefectKind, str, str], int] = {}
        self._locations: dict[tuple[DefectKind, str, str], list[Location]] = {}

    def add(self, kind: DefectKind, label: str, tag: str, location: Location) -> None:
        """Count one value with a defect."""
        key = kind, label, tag
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count <= LOCATIONS_MAX:
            self._locations.setdefault(key, []).append(location)

    def on_line_break(self, cells: Sequence[tuple[str, str]], location: Location) -> None:
        """Check a row that spans several lines; `cells` has each tag, or '' if none, and the cell."""
        broken = [(tag, cell) for tag, cell in cells if "\n" in cell or "\r" in cell]
        hiding = [tag for tag, cell in broken if looks_like_rows(cell)]
        if hiding:
            self.add(DefectKind.HIDDEN_ROWS, "", hiding[0], location)
        for tag in dict.fromkeys(tag for tag, _ in broken if tag and tag not in hiding):
            self.add(DefectKind.LINE_BREAK, "", tag, location)

    def on_contacts(self, contacts: Sequence[Contact], joined: str) -> None:
        """Check the values of recipients; `joined` has all of them, as `joined_values` returns it."""
        if may_have_defects(joined):
            for contact in contacts:
                self._check(contact)
        for contact in contacts if self._are_inline else ():
            self._check_lookup(contact)

    def _check(self, contact: Contact) -> None:
        for tag, value in contact.personalization.items():
            for kind, label, _, _ in defects_in_value(tag, value):
                if kind is DefectKind.LINE_BREAK and not self._are_inline:
                    continue  # `on_line_break` has reported it, also in columns that fill no tag.
                is_hiding = kind is DefectKind.LINE_BREAK and looks_like_rows(value)
                self.add(DefectKind.HIDDEN_ROWS if is_hiding else kind, label, tag, contact.location)

    def _check_lookup(self, contact: Contact) -> None:
        for key in contact.lookup or ():
            for kind, label, _, _ in invisible_characters(str(key.get("value", ""))):
                self.add(kind, label, "contactLookup", contact.location)

    def defects(self) -> tuple[ValueDefect, ...]:
        """Return the defects in the order of their first occurrence."""
        return tuple(
            ValueDefect(*key, count=count, locations=tuple(self._locations[key]))
            for key, count in self._counts.items()
        )


def joined_values(contacts: Sequence[Contact]) -> str:
    """Return all values of contacts in one text, so that one operation checks them all."""
    return SEPARATOR.join(chain.from_iterable(contact.personalization.values() for contact in contacts))
