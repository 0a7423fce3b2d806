"""States with hours of their own that the recipients of a contact source may be in."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from sendspec.audience import candidate_zones
from sendspec.jurisdictions import jurisdictions, zones_of
from sendspec.legal_hours import illegal_at, in_zones
from sendspec.timezones import same_zone

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
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
    declared = frozenset(map(same_zone, chain.from_iterable(candidate_zones(checked_send.send, None))))
    countries = checked_send.send.audience.countries
    return {
        jurisdictions()[state].name: hours
        for state, hours in _states_in(declared, year).items()
        if state not in ignored and (not countries or state.partition("-")[0] in countries)
    }


@lru_cache(maxsize=256)
def _states_in(declared: frozenset[str], year: int) -> Mapping[str, tuple[ZoneHours, ...]]:
    """Return the hours of the states that some of the zones are of; many sends declare the same."""
    states = (state for state in jurisdictions() if "-" in state)
    found = {state: zones for state in states if (zones := zones_of(state) & declared)}
    hours = {state: in_zones(jurisdictions()[state].hours(year), zones) for state, zones in found.items()}
    return MappingProxyType(hours)


def states_text(at: datetime, states: dict[str, tuple[ZoneHours, ...]]) -> str:
    """Return the names of the states whose hours an instant is outside of, '' if there are none."""
    if not states:
        return ""
    illegal = set(illegal_at(at, chain.from_iterable(states.values())))
    names = [name for name, limits in states.items() if not illegal.isdisjoint(limits)]
    more = len(names) - _SHOWN_MAX
    return ", ".join(names[:_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")
