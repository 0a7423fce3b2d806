"""Lookups of the same contact that differ only in notation: case, edge blanks, plus sign, Unicode form."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from sendspec.phone import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.model import Location

LOCATIONS_MAX: Final = 3


class SimilarLookups:
    """The lookups that differ from an earlier one only in notation, `count` of `total`.

    Only campaign files have lookups, and their size is limited, so it may store every lookup.
    """

    def __init__(self) -> None:
        self.total = self.count = 0
        self.locations: list[Location] = []
        self._known: set[tuple[tuple[str, ...], ...]] = set()

    def on_contacts(self, contacts: ContactColumns) -> None:
        """Compare recipients, whose identities differ, with those before them."""
        for contact in contacts.inline:
            if contact.lookup is not None:
                self.total += 1
                self._compare(contact.lookup, contact.location)

    def _compare(self, lookup: Iterable[Mapping[str, str]], location: Location) -> None:
        folded = tuple(sorted(_folded(key) for key in lookup))
        if folded in self._known:
            self.count += 1
            if len(self.locations) < LOCATIONS_MAX:
                self.locations.append(location)
        self._known.add(folded)


def _folded(key: Mapping[str, str]) -> tuple[str, ...]:
    is_number = str(key.get("channel", "")).casefold() == "sms"
    return tuple(
        f"{name}={(is_number and normalise(str(value))) or _folded_text(str(value))}"
        for name, value in sorted(key.items())
    )


def _folded_text(text: str) -> str:
    """Return a text without differences of case, edge blanks and Unicode form."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return unicodedata.normalize("NFKC", folded)  # Folding can separate letters from their accents.
