"""States with hours of their own that the recipients of a contact source may be in."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sendspec.audience import candidate_zones
from sendspec.jurisdictions import jurisdictions, zones_of
from sendspec.legal_hours import illegal_at, in_zones
from sendspec.timezones import same_zone

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from sendspec.legal_hours import ZoneHours
    from sendspec.rules._lib.rule import CheckedSend

_SHOWN_MAX = 3


def possible_states(
    checked_send: CheckedSend, year: int, ignored: Container[str]
) -> dict[str, tuple[ZoneHours, ...]]:
    """Return the hours of each state that the declared zones and countries allow, by its name.

    A list has numbers, which name their states, so it has none here.
    """
    if checked_send.send.endpoint.traits.has_contacts:
        return {}
    declared = set(map(same_zone, chain.from_iterable(candidate_zones(checked_send.send, None))))
    countries = checked_send.send.audience.countries
    found = {}
    for state in jurisdictions().values():
        country, _, is_state = state.id.partition("-")
        zones = sorted(zones_of(state.id) & declared)
        if is_state and zones and state.id not in ignored and (not countries or country in countries):
            found[state.name] = in_zones(state.hours(year), zones)
    return found


def states_text(at: datetime, states: dict[str, tuple[ZoneHours, ...]]) -> str:
    """Return the names of the states whose hours an instant is outside of, '' if there are none."""
    names = [name for name, limits in states.items() if illegal_at(at, limits)]
    more = len(names) - _SHOWN_MAX
    return ", ".join(names[:_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")
