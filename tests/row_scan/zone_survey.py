"""Survey of time zones, one contact at a time."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from sendspec.audience.located_count import LocatedCount
from sendspec.jurisdictions import area_codes
from sendspec.model import ZoneFacts
from sendspec.phone import NON_GEOGRAPHIC, numbering_plans
from sendspec.timezones import is_zone
from sendspec.timezones.number_zones import prefix_zones

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.model import Contact


class ZoneSurvey:
    """Counts recipients by their own zone, else by the longest prefix of their number."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._own: Counter[tuple[str, str]] = Counter()
        self._without, self._unknown = LocatedCount(), LocatedCount()

    def on_contacts(self, contacts: Sequence[Contact]) -> None:
        """Add recipients."""
        for contact in contacts:
            name = contact.timezone.strip()
            if is_zone(name):
                self._counts[name,] += 1
                digits = "" if contact.lookup is not None else contact.identity
                if digits[:4] in area_codes() or digits.startswith("33"):
                    self._own[digits[:4] if digits[:4] in area_codes() else "33", name] += 1
                continue
            if name:
                self._unknown.add(contact.location)
            number = "" if contact.lookup is not None else contact.identity
            if zones := zones_of(number):
                self._counts[zones] += 1
            elif not number or numbering_plans().verdict(number) == NON_GEOGRAPHIC:
                self._without.add(contact.location)

    def facts(self) -> ZoneFacts:
        """Return the facts after the last recipient."""
        largest = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        own = dict(self._own)
        return ZoneFacts(dict(largest), self._without.found, self._unknown.found, own=own)


def zones_of(number: str) -> tuple[str, ...]:
    """Return the zones of the longest prefix; a short number has zeros after it, as in its interval."""
    if len(number) > 15:
        return ()
    filled = number.ljust(15, "0")
    prefixes = (filled[:length] for length in range(15, 0, -1))
    return next((_prefixes()[prefix] for prefix in prefixes if prefix in _prefixes()), ())


@cache
def _prefixes() -> dict[str, tuple[str, ...]]:
    return dict(prefix_zones())
