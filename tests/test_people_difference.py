"""Exact differences between the people of two lists, against sets of Python."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec.audience import IdentitySet, people_difference
from sendspec.audience.people_difference import count_people
from sendspec.model import GROUP_SIZE_MIN, Audience
from sendspec.phone import RESERVED, numbering_plans
from sendspec.timezones import number_zones

CHICAGO = "America/Chicago"
US, GB, FR = "1212555010", "4477009000", "3363998000"
IDENTITIES = st.sets(
    st.one_of(
        st.builds("{}{}".format, st.sampled_from((US, GB, FR)), st.integers(0, 9)),
        st.sampled_from(("07700900001", "800123456789", "99999", '[["EMAIL","a@example.com"]]')),
    ),
    max_size=24,
)


def identity_set(identities: set[str]) -> IdentitySet:
    """Return a set of these identities."""
    found = IdentitySet()
    for identity in identities:
        found.add(identity)
    return found


def country_of(identity: str) -> str | None:
    """Return the country of one identity, as the rules name it."""
    plans = numbering_plans()
    if not identity.isdecimal() or identity.startswith("0"):
        return None
    verdict = plans.verdict(identity)
    region = plans.region_of_reserved(identity) if verdict == RESERVED else verdict
    return region if region.isalpha() else None


@given(IDENTITIES, IDENTITIES)
@settings(max_examples=60)
def test_the_difference_is_that_of_sets(before: set[str], now: set[str]) -> None:
    """Added and removed people are exactly those of only one set, counted by country and zone."""
    found = people_difference(identity_set(before), identity_set(now), None, None)
    for counted, people in ((found.added, now - before), (found.removed, before - now)):
        assert counted.count == len(people)
        countries = Counter(country for identity in people if (country := country_of(identity)) is not None)
        assert counted.countries == countries
        zones = Counter(zones for identity in people if (zones := number_zones().of(identity)))
        assert counted.zones == zones
    assert (found.excluded.count, found.readmitted.count) == (0, 0)


@given(IDENTITIES)
@settings(max_examples=40)
def test_small_groups_are_counted_together(people: set[str]) -> None:
    """A named group has at least five people, and all groups add up to the people."""
    groups = count_people(identity_set(people)).groups(Audience())
    for named, other in ((groups.countries, groups.other_countries), (groups.zones, groups.other_zones)):
        counts = [count for _, count in named]
        assert min(counts, default=GROUP_SIZE_MIN) >= GROUP_SIZE_MIN
        assert counts == sorted(counts, reverse=True)
        assert sum(counts) + other == groups.count == len(people)


def test_zones_are_narrowed_to_those_that_the_send_declares() -> None:
    """A number that may be in several zones counts for the declared one, as in the rest of the plan."""
    two_zones = {f"1850555010{index}" for index in range(6)}
    [(zones, count)] = count_people(identity_set(two_zones)).groups(Audience(timezones=(CHICAGO,))).zones
    assert (zones, count) == ((CHICAGO,), 6)
    everyone = two_zones | {f"120155501{index:02}" for index in range(6)}
    assert len(count_people(identity_set(everyone)).groups(Audience()).zones) == 2
