"""Phrases about the quiet hours of recipients by time zone, and groups of zones to split a send by."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.legal_hours import in_zones, next_legal
from sendspec.timezones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sendspec.legal_hours import LegalHours
    from sendspec.model import CandidateZones

_SHOWN_MAX: Final = 3


_POPULOUS: Final = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix"),
    *("America/Anchorage", "Pacific/Honolulu", "America/Toronto", "America/Vancouver", "America/Sao_Paulo"),
    *("America/Manaus", "America/Mexico_City", "America/Tijuana", "America/Santiago", "Europe/London"),
    *("Europe/Paris", "Europe/Berlin", "Europe/Madrid", "Europe/Lisbon", "Europe/Moscow"),
    *("Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok", "Asia/Shanghai", "Asia/Jakarta"),
    *("Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth"),
    *("Pacific/Auckland", "Africa/Kinshasa"),
)
"""Zones that most people of a country with several zones know; only messages use the order."""


def known_zone(at: datetime, zones: Sequence[str]) -> str:
    """Return the first zone if people know it, else a known one, if possible of the same local time."""
    first, known = zones[0], [zone for zone in _POPULOUS if zone in zones]
    if first in known:
        return first
    alike = [zone for zone in known if _offset(at, zone) == _offset(at, first)]
    return next(iter((*alike, *known)), first)


def recipients_text(some: Mapping[CandidateZones, int], every: Mapping[CandidateZones, int]) -> str:
    """Return `1,204 of 5,000 recipients`; without numbers if only the vendor knows them."""
    count, total = sum(some.values()), sum(every.values())
    if not total:
        return "its recipients" if len(some) == len(every) else "some recipients"
    if count == total:
        return pluralize(total, "recipient") if total == 1 else f"all {total:,} recipients"
    return f"{count:,} of {pluralize(total, 'recipient')}"


def clocks_text(at: datetime, zones: Iterable[tuple[str, int]]) -> str:
    """Return `America/Los_Angeles 06:00 (1,204)` for each local time, the most recipients first."""
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    for zone, count in zones:
        local = f"{at.astimezone(time_zone(zone)):%H:%M}"
        names.setdefault(local, zone)
        counts[local] += count
    ordered = sorted(counts, key=lambda local: (-counts[local], local))
    shown = ordered if len(ordered) <= _SHOWN_MAX else ordered[: _SHOWN_MAX - 1]
    parts = [f"{names[local]} {local}{f' ({counts[local]:,})' if counts[local] else ''}" for local in shown]
    more = len(ordered) - len(shown)
    return ", ".join(parts) + (f" and {more} more" if more else "")


def common_groups(
    at: datetime, zones: Iterable[CandidateZones], hours: LegalHours
) -> list[list[CandidateZones]]:
    """Return the recipients' zones in few groups, each with a legal time in common after an instant.

    All zones of a recipient are in one group, because the recipient may be in any of them.
    """
    groups: list[list[CandidateZones]] = []
    for candidates in sorted(zones, key=lambda names: (_offset(at, names[0]), names)):
        for group in groups:
            limits = in_zones(hours, chain(candidates, chain.from_iterable(group)))
            if next_legal(at, limits) is not None:
                group.append(candidates)
                break
        else:
            groups.append([candidates])
    return groups


def group_names(groups: Sequence[Sequence[CandidateZones]]) -> str:
    """Return the zones of each group, of a large one the first ones."""
    return "; ".join(_names([zones[0] for zones in group]) for group in groups)


def _names(zones: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(zones))
    more = len(distinct) - _SHOWN_MAX
    return ", ".join(distinct[:_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")


def _offset(at: datetime, zone: str) -> float:
    offset = at.astimezone(time_zone(zone)).utcoffset()
    return offset.total_seconds() if offset else 0.0
