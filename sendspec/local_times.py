"""The local times at which people get a send: a table by zone, as data."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING

from msgspec import Struct

from sendspec.audience import candidate_zones
from sendspec.legal_hours import LegalWindow, illegal_at, next_legal
from sendspec.model import GROUP_SIZE_MIN
from sendspec.render.rfc3339 import InvalidDateTime, parse_datetime
from sendspec.timezones import same_zone, time_zone, zone_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sendspec.legal_hours import ZoneHours
    from sendspec.model import CandidateZones, PlannedSend


class Legality(StrEnum):
    """Whether an instant is within the legal hours of the people of a row."""

    LEGAL = "legal"
    ILLEGAL = "illegal"
    PARTLY = "partly"
    """Not for all of them: a state of some has shorter hours, or one of their candidate zones is later."""
    NOT_LIMITED = "not-limited"
    """No rule limits the hours of the send."""


class LocalTime(Struct, frozen=True):
    """People who get a send at the same local time.

    `names` are the usual names of the zones they may be in, in the order of local time, and `zones` these
    zones; both are empty for the row of zones with few people. `people` is None if only the vendor knows
    their number. `start` and `end` are the instant in the earliest and the latest of these zones; they
    show different local times only if people may be in several zones. `limits` are the legal hours in these
    zones.
    """

    names: tuple[str, ...]
    zones: CandidateZones
    people: int | None
    start: datetime
    end: datetime
    legality: Legality
    limits: tuple[ZoneHours, ...] = ()

    @property
    def next_legal(self) -> datetime | None:
        """The first instant from the send on that is legal for all, None if none is within a week."""
        return next_legal(self.start, self.limits) if self.limits else None

    @property
    def windows(self) -> tuple[LegalWindow, ...]:
        """The minutes of the local day of the send that are legal in each zone, by its own clock."""
        return reduce(_common, (_windows(limit, self.start) for limit in self.limits)) if self.limits else ()

    @property
    def is_range(self) -> bool:
        """Whether the local time of the people is one of several."""
        return self.start.utcoffset() != self.end.utcoffset()


class LocalTimes(Struct, frozen=True):
    """The local times of a send at one instant, by local time, the earliest first.

    `without_zone` counts the recipients whose zone is not known.
    """

    at: datetime
    rows: tuple[LocalTime, ...] = ()
    without_zone: int = 0


def local_times_of(planned: PlannedSend, planned_at: datetime) -> LocalTimes | None:
    """Return the local times of a send at the instant at which people get it, None if that is not known.

    The counts are those of the whole list, also if only a part remains to be sent. A blocked send counts
    as if nothing blocked it.
    """
    at = arrival(planned, planned_at)
    if at is None:
        return None
    zones = candidate_zones(planned.send, planned.facts)
    without = 0 if planned.facts is None else planned.facts.count - sum(zones.values())
    return LocalTimes(at, local_times(zones, at, planned.limits), max(0, without))


def posted_from(planned: PlannedSend, planned_at: datetime) -> datetime:
    """Return the first instant from `planned_at` (aware) on at which apply posts a request of a send."""
    waits = (planned.send.not_before, planned.legal_from, planned.repeat_from)
    return max(at for at in (planned_at, *waits) if at is not None)


def arrival(planned: PlannedSend, planned_at: datetime) -> datetime | None:
    """Return when people get a send, as far as the plan of `planned_at` (aware) knows.

    This is when apply posts it, or the date of its job if that is later. It is None if the date of the job
    is not valid.
    """
    scheduled = planned.send.payload.get("scheduledDate")
    at = posted_from(planned, planned_at)
    try:
        return at if scheduled is None else max(at, parse_datetime(str(scheduled)))
    except InvalidDateTime:
        return None


def local_times(
    zones: Mapping[CandidateZones, int], at: datetime, limits: Iterable[ZoneHours] = ()
) -> tuple[LocalTime, ...]:
    """Return rows of people with the same local times at an aware instant, the earliest first.

    `zones` has the recipients by candidate zones. Zones with less than `GROUP_SIZE_MIN` people are one row
    without names, the last one, so that the table points at no person. A single group has its name,
    because it is the whole list, and the start of the send names its zone as well.
    """
    by_zone: dict[str, list[ZoneHours]] = defaultdict(list)
    for limit in limits:
        by_zone[same_zone(limit.zone)].append(limit)
    groups: dict[tuple[str, ...], list[tuple[CandidateZones, int]]] = defaultdict(list)
    for candidates, count in zones.items():
        groups[_names(candidates, at)].append((candidates, count))
    few = [
        names for names, found in groups.items() if 0 < _people(found) < GROUP_SIZE_MIN and len(groups) > 1
    ]
    others = [part for names in few for part in groups.pop(names)]
    rows = [_row(names, found, at, by_zone) for names, found in groups.items()]
    rows.sort(key=lambda row: (row.start.replace(tzinfo=None), row.end.replace(tzinfo=None), row.names))
    return (*rows, _row((), others, at, by_zone)) if others else tuple(rows)


def _people(parts: Iterable[tuple[CandidateZones, int]]) -> int:
    return sum(count for _, count in parts)


def _names(zones: Iterable[str], at: datetime) -> tuple[str, ...]:
    """Return the usual names of zones in the order of their local times, each once."""
    return tuple(dict.fromkeys(zone_name(zone) for zone in _by_local_time(zones, at)))


def _by_local_time(zones: Iterable[str], at: datetime) -> list[str]:
    found = list(zones)
    if len(found) > 1:
        found.sort(key=lambda zone: (at.astimezone(time_zone(zone)).replace(tzinfo=None), zone))
    return found


def _row(
    names: tuple[str, ...],
    parts: Iterable[tuple[CandidateZones, int]],
    at: datetime,
    limits: Mapping[str, Sequence[ZoneHours]],
) -> LocalTime:
    found = list(parts)
    ordered = _by_local_time({zone for zones, _ in found for zone in zones}, at)
    own = tuple(limit for zone in dict.fromkeys(map(same_zone, ordered)) for limit in limits.get(zone, ()))
    return LocalTime(
        names=names,
        zones=tuple(ordered) if names else (),
        people=_people(found) or None,
        start=at.astimezone(time_zone(ordered[0])),
        end=at.astimezone(time_zone(ordered[-1])),
        legality=_legality(at, own),
        limits=own,
    )


def _windows(limit: ZoneHours, at: datetime) -> tuple[LegalWindow, ...]:
    return limit.hours.on(at.astimezone(time_zone(limit.zone)).date())


def _common(one: Iterable[LegalWindow], other: Iterable[LegalWindow]) -> tuple[LegalWindow, ...]:
    """Return the minutes that are in both of two days."""
    pairs = ((max(a.opens, b.opens), min(a.closes, b.closes)) for a in one for b in other)
    return tuple(LegalWindow(opens, closes) for opens, closes in pairs if opens < closes)


def _legality(at: datetime, limits: Sequence[ZoneHours]) -> Legality:
    if not limits:
        return Legality.NOT_LIMITED
    illegal = len(illegal_at(at, limits))
    if not illegal:
        return Legality.LEGAL
    return Legality.ILLEGAL if illegal == len(limits) else Legality.PARTLY
