"""Candidate zones of the recipients of one send: of its list, or as the send declares them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sendspec.timezones import same_zone, zones_of_country

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sendspec.model import Audience, AudienceFacts, CandidateZones, Send


def candidate_zones(send: Send, facts: AudienceFacts | None) -> Mapping[CandidateZones, int]:
    """Return the candidate zones of the recipients, each with a count of recipients, the largest first.

    A declared zone narrows the candidates of a recipient that may be in it. A recipient without any
    candidate, such as one known by a lookup, may be in every declared zone. For contact-source, the
    declared zones have the count 0, because only the vendor has the recipients. Without declared zones,
    those of the declared countries count as declared for both. The result is empty if no zone is known.
    """
    audience = send.audience
    if facts is None:
        return {} if send.endpoint.traits.has_contacts else dict.fromkeys(_declared_sets(audience), 0)
    if not audience.timezones and not audience.countries:
        return facts.zones.counts
    found: Counter[CandidateZones] = Counter()
    for zones, count in facts.zones.counts.items():
        found[narrowed(zones, audience)] += count
    every_declared = tuple(sorted({zone for zones in _declared_sets(audience) for zone in zones}))
    without = facts.count - sum(facts.zones.counts.values())
    if every_declared and without > 0:
        found[every_declared] += without
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def narrowed(zones: CandidateZones, audience: Audience) -> CandidateZones:
    """Return the candidates that the audience declares; all of them if it declares none of them."""
    if not audience.timezones:
        return zones
    declared = set(map(same_zone, audience.timezones))
    return tuple(zone for zone in zones if same_zone(zone) in declared) or zones


def count_outside(facts: AudienceFacts, audience: Audience) -> int:
    """Return the recipients with candidate zones that are all others than the declared ones."""
    declared = set(map(same_zone, audience.timezones))
    counts = facts.zones.counts.items()
    return sum(count for zones, count in counts if declared and declared.isdisjoint(map(same_zone, zones)))


def _declared_sets(audience: Audience) -> Iterable[CandidateZones]:
    """Return each declared zone, or else the zones of each declared country."""
    if audience.timezones:
        return [(zone,) for zone in audience.timezones]
    return filter(None, map(zones_of_country, audience.countries))
