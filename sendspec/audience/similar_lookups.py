"""Lookups of the same contact that differ only in notation: case, edge blanks, plus sign, Unicode form."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from sendspec.audience.located_count import LocatedCount
from sendspec.phone import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sendspec.model import Contact, Location, Occurrences


class SimilarLookups:
    """The lookups that differ from an earlier one only in notation; `total` counts all lookups.

    It stores every lookup, so its memory grows with a list of lookups, as that of their identities does.
    """

    def __init__(self) -> None:
        self.total = 0
        self._similar = LocatedCount()
        self._known: set[tuple[tuple[str, ...], ...]] = set()

    @property
    def similar(self) -> Occurrences | None:
        """The lookups that differ from an earlier one only in notation."""
        return self._similar.found

    def on_contacts(self, contacts: Iterable[Contact]) -> None:
        """Compare recipients, whose identities differ, with those before them."""
        for contact in contacts:
            if contact.lookup is not None:
                self.total += 1
                self._compare(contact.lookup, contact.location)

    def _compare(self, lookup: Iterable[Mapping[str, str]], location: Location) -> None:
        folded = tuple(sorted(_folded(key) for key in lookup))
        if folded in self._known:
            self._similar.add(location)
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
