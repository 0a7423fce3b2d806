"""Scan of the values of contacts: counts and first locations of each kind of defect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.audience.located_count import LocatedCount
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

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.audience.recipient_batch import RecipientBatch
    from sendspec.model import Contact, Location


class ValueScan:
    """The defects in the values of one audience so far; its memory does not grow with the list."""

    def __init__(self) -> None:
        self._counts: dict[tuple[DefectKind, str, str], LocatedCount] = {}

    def add(self, kind: DefectKind, label: str, tag: str, location: Location) -> None:
        """Count one value with a defect."""
        self._counts.setdefault((kind, label, tag), LocatedCount()).add(location)

    def on_line_break(self, cells: Sequence[tuple[str, str]], location: Location) -> None:
        """Check a row that spans several lines; `cells` has each tag, or '' if none, and the cell."""
        broken = [(tag, cell) for tag, cell in cells if "\n" in cell or "\r" in cell]
        hiding = [tag for tag, cell in broken if looks_like_rows(cell)]
        if hiding:
            self.add(DefectKind.HIDDEN_ROWS, "", hiding[0], location)
        for tag in dict.fromkeys(tag for tag, _ in broken if tag and tag not in hiding):
            self.add(DefectKind.LINE_BREAK, "", tag, location)

    def on_batch(self, batch: RecipientBatch) -> None:
        """Check the values of recipients."""
        if not batch.is_plain and may_have_defects(batch.joined):
            for at in _offsets_with_defects(batch.contacts):
                self._check(batch.contacts, at)
        for contact in batch.contacts.inline:
            self._check_lookup(contact)

    def _check(self, contacts: ContactColumns, at: int) -> None:
        for tag, value in contacts.personalization(at).items():
            for kind, label, _, _ in defects_in_value(tag, value):
                if kind is DefectKind.LINE_BREAK and not contacts.inline:
                    continue  # `on_line_break` has reported it, also in columns that fill no tag.
                is_hiding = kind is DefectKind.LINE_BREAK and looks_like_rows(value)
                self.add(DefectKind.HIDDEN_ROWS if is_hiding else kind, label, tag, contacts.location(at))

    def _check_lookup(self, contact: Contact) -> None:
        for key in contact.lookup or ():
            for kind, label, _, _ in invisible_characters(str(key.get("value", ""))):
                self.add(kind, label, "contactLookup", contact.location)

    def defects(self) -> tuple[ValueDefect, ...]:
        """Return the defects in the order of their first occurrence."""
        return tuple(
            ValueDefect(*key, count=found.count, locations=tuple(found.locations))
            for key, found in self._counts.items()
        )


def _offsets_with_defects(contacts: ContactColumns) -> Sequence[int]:
    """Return the offsets of the contacts of which a value may have a defect."""
    odd = (column for column in contacts.values if may_have_defects(SEPARATOR.join(column)))
    return sorted(
        {at for column in odd for at, value in enumerate(column) if value and may_have_defects(value)}
    )
