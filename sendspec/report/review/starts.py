"""Starts of sends: when people get the first text, on the clock that a reader expects."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sendspec.audience import candidate_zones
from sendspec.legal_hours import HORIZON
from sendspec.local_times import arrival, posted_from
from sendspec.plan import blocking_findings
from sendspec.report.review.model import Start
from sendspec.timezones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sendspec.model import Plan, PlannedSend

NO_LEGAL_HOUR: Final = f"no hour in the next {HORIZON.days} days is legal for all"
NEVER: Final = f"never: {NO_LEGAL_HOUR} of its recipients"


def is_plan_blocked(plan: Plan) -> bool:
    """Return whether errors keep apply from sending anything; apply does not check ids of the vendor."""
    return any(not finding.only_online for finding in blocking_findings(plan))


def start_of(planned: PlannedSend, now: datetime) -> Start | None:
    """Return when the remaining requests of a send reach the first person, if nothing blocks it.

    It is None if the recipients have no legal hour in common, because apply then posts nothing.
    It is in the candidate zone of most recipients, else in the offset that the spec has.
    """
    hours = planned.hours
    if hours is not None and hours.interval is None and hours.next_start is None:
        return None
    at = arrival(planned, now) or now
    zone = main_zone(planned)
    label = offset_label(at) if zone is None else zone_label(zone)
    shown = at if zone is None else at.astimezone(time_zone(zone))
    is_at_vendor = at > now and posted_from(planned, now) <= now
    return Start(shown, label, at <= now, is_at_vendor)


def main_zone(planned: PlannedSend) -> str | None:
    """Return the zone that most recipients may be in, the first in the alphabet of equal ones."""
    people: Counter[str] = Counter()
    for zones, count in candidate_zones(planned.send, planned.facts).items():
        for zone in zones:
            people[zone] += count
    return min(people, key=lambda zone: (-people[zone], zone), default=None)


def zone_label(zone: str) -> str:
    """Return a zone of the tz database as people say it: `New York` for `America/New_York`."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def offset_label(at: datetime) -> str:
    """Return the offset of an aware time, such as `UTC-05:00`."""
    offset = f"{at:%z}"
    return "UTC" if offset in ("", "+0000") else f"UTC{offset[:3]}:{offset[3:5]}"


def when_text(start: Start) -> str:
    """Return a start for a reader, such as `Wed 2 Apr 2036, 02:00 New York`."""
    if start.is_immediate:
        return f"immediately{' once the errors are fixed' if start.is_blocked else ''}"
    return f"{start.at:%a} {start.at.day} {start.at:%b %Y, %H:%M} {start.zone}"


def first_start(starts: Iterable[Start]) -> Start | None:
    """Return the earliest start."""
    return min(starts, key=lambda start: start.at, default=None)
