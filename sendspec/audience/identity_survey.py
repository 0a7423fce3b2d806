"""Survey of identities: contacts that repeat a recipient, have no identity, or have several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.audience.located_count import LocatedCount
from sendspec.model import Repetitions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.audience.columnar_contacts import ContactColumns
    from sendspec.audience.dedupe import Duplicate
    from sendspec.model import Location, Occurrences, Send


class IdentitySurvey:
    """Collects the facts about the identities of one list."""

    def __init__(self, send: Send) -> None:
        self._valid = frozenset((name,) for name in send.endpoint.traits.identity_properties)
        self._missing, self._several = LocatedCount(), LocatedCount()
        self._repeated: dict[bool, LocatedCount] = {False: LocatedCount(), True: LocatedCount()}
        self._originals: dict[bool, Location] = {}

    def on_refused(self, contacts: ContactColumns) -> None:
        """Add contacts that are never sent."""
        for at in range(len(contacts)):
            given = contacts.given(at)
            if given not in self._valid:
                (self._several if len(given) > 1 else self._missing).add(contacts.location(at))

    def on_duplicates(self, duplicates: Iterable[Duplicate]) -> None:
        """Add contacts that repeat a recipient."""
        for location, first, conflicting in duplicates:
            self._repeated[conflicting].add(location)
            self._originals.setdefault(conflicting, first)

    @property
    def without_identity(self) -> Occurrences | None:
        """The contacts without an identity that the endpoint accepts."""
        return self._missing.found

    @property
    def several_identities(self) -> Occurrences | None:
        """The contacts with more than one identity."""
        return self._several.found

    def repetitions(self, *, conflicting: bool) -> Repetitions | None:
        """Return the contacts that repeat a recipient: with its values, or with other ones."""
        tally = self._repeated[conflicting]
        return Repetitions(tally.occurrences, self._originals[conflicting]) if tally.count else None
