"""Candidate zones of the recipients of one send: of its list, or as the send declares them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sendspec.timezones import same_zone, zones_of_country

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model import AudienceFacts, CandidateZones, Send


def candidate_zones(send: Send, facts: AudienceFacts | None) -> Mapping[CandidateZones, int]:
    """Return the candidate zones of the recipients, each with a count of recipients, the largest first.

    A declared zone narrows the candidates of a recipient that may be in it. For contact-source, the
    declared zones, or else those of the declared countries, have the count 0, because only the vendor
    has the recipients. The result is empty if no zone is known.
    """
    declared = send.audience.timezones
    if facts is None:
        if send.endpoint.traits.has_contacts:
            return {}
        countries = (zones_of_country(country) for country in send.audience.countries)
        return dict.fromkeys(((zone,) for zone in declared) if declared else filter(None, countries), 0)
    if not declared:
        return facts.zones.counts
    narrowed: Counter[CandidateZones] = Counter()
    declared_zones = set(map(same_zone, declared))
    for zones, count in facts.zones.counts.items():
        narrowed[tuple(zone for zone in zones if same_zone(zone) in declared_zones) or zones] += count
    return dict(sorted(narrowed.items(), key=lambda item: (-item[1], item[0])))
