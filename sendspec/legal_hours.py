"""Legal hours: when texts may arrive, by the local times of several time zones together."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from sendspec.timezones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

HORIZON: Final = timedelta(days=8)
"""How far the functions search: a week, so that each weekday occurs, and a day."""

MINUTES_OF_DAY: Final = 24 * 60

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_SECOND: Final = timedelta(seconds=1)
_DAYS_KEPT: Final = 8192
# Local times and horizons of instants between these are dates that Python can represent.
_EARLIEST: Final = datetime(3, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9996, 12, 31, tzinfo=UTC)


class LegalWindow(NamedTuple):
    """Legal minutes of a local day, from `opens` until before `closes`, each from 0 to 1440."""

    opens: int
    closes: int


class LegalHours(Struct, frozen=True, cache_hash=True):
    """The legal windows of each local weekday, Monday first, and the local dates without one.

    Raises:
        ValueError: the week has not seven days, or the windows of a day are empty, overlap or touch.
    """

    week: tuple[tuple[LegalWindow, ...], ...]
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        edges = [[minute for window in day for minute in window] for day in self.week]
        rising = all(before < after for day in edges for before, after in pairwise(day))
        inside = all(0 <= minute <= MINUTES_OF_DAY for day in edges for minute in day)
        if len(self.week) != 7 or not rising or not inside:  # noqa: PLR2004 - the days of a week
            raise ValueError(f"not the legal windows of seven days: {self.week}")

    def on(self, day: date) -> tuple[LegalWindow, ...]:
        """Return the legal windows of a local date."""
        return () if day in self.closed else self.week[day.weekday()]


class ZoneHours(NamedTuple):
    """The legal hours in one time zone, by its name in the tz database."""

    zone: str
    hours: LegalHours


class Interval(NamedTuple):
    """The instants from `start` until before `end`, both in UTC."""

    start: datetime
    end: datetime


class HoursAt(NamedTuple):
    """The legal interval around an instant, None if it is not legal, and the next legal instant after it.

    `next_start` is None if no instant within the horizon is legal in every zone.
    """

    interval: Interval | None
    next_start: datetime | None

    @property
    def is_never_legal(self) -> bool:
        """Whether no instant from this one to the horizon is legal in every zone."""
        return self.interval is None and self.next_start is None


class LegalGroup(NamedTuple):
    """Zones with a legal instant in common: the first one, None if a zone has none by itself."""

    limits: tuple[ZoneHours, ...]
    instant: datetime | None


@lru_cache
def limits_digest(limits: frozenset[ZoneHours]) -> str | None:
    """Return the digest of legal hours, None if there are none; it is the same at any instant."""
    if not limits:
        return None
    rows = sorted(
        [limit.zone, limit.hours.week, sorted(day.isoformat() for day in limit.hours.closed)]
        for limit in limits
    )
    return f"sha256:{hashlib.sha256(json.dumps(rows).encode()).hexdigest()}"


@lru_cache
def outside_quiet_hours(start: time, end: time) -> LegalHours:
    """Return the legal hours around quiet hours of each day, which may contain midnight.

    Raises:
        ValueError: `start` and `end` are the same minute, so the quiet hours are none or all.
    """
    first, last = _minute_of(start), _minute_of(end)
    if first == last:
        raise ValueError("quiet hours start and end at the same minute")
    pairs = ((last, first),) if last < first else ((0, first), (last, MINUTES_OF_DAY))
    windows = tuple(LegalWindow(opens, closes) for opens, closes in pairs if opens < closes)
    return LegalHours((windows,) * 7)


def in_zones(hours: LegalHours, zones: Iterable[str]) -> tuple[ZoneHours, ...]:
    """Return the same legal hours in each zone, in the order of their names."""
    return tuple(ZoneHours(zone, hours) for zone in sorted(set(zones)))


def is_legal(instant: datetime, limits: Iterable[ZoneHours]) -> bool:
    """Return whether an aware instant is legal in every zone."""
    return not illegal_at(instant, limits)


def illegal_at(instant: datetime, limits: Iterable[ZoneHours]) -> tuple[ZoneHours, ...]:
    """Return the zones in which an aware instant is not legal."""
    at = _in_range(instant)
    return tuple(limit for limit in limits if _next_in(limit, at, at) is None)


def legal_interval(
    instant: datetime, limits: Iterable[ZoneHours], horizon: timedelta = HORIZON
) -> Interval | None:
    """Return the interval around an aware instant that is legal in every zone, None if it is not legal.

    Its end is the first instant at which a zone is not legal, or `horizon` after the instant if that is
    earlier; its start likewise.
    """
    at = _in_range(instant)
    interval = Interval(at - horizon, at + horizon)
    for limit in limits:
        own = _interval_in(limit, at, interval)
        if own is None:
            return None
        interval = Interval(max(interval.start, own.start), min(interval.end, own.end))
    return interval


def next_legal(
    instant: datetime,
    limits: Iterable[ZoneHours],
    horizon: timedelta = HORIZON,
    *,
    lasting: timedelta = timedelta(0),
) -> datetime | None:
    """Return the first instant from an aware one on that is legal in every zone, in UTC.

    It is the instant itself if that is legal, and None if `horizon` ends before. With `lasting`, every
    instant from the result on is legal for that long.
    """
    at = _in_range(instant)
    last, every = at + horizon, tuple(limits)
    while (start := _next_common(every, at, last)) is not None:
        interval = legal_interval(start, every, max(lasting, _SECOND))
        if interval is None or interval.end - start >= lasting:
            return start
        at = interval.end
    return None


def hours_at(instant: datetime, limits: Iterable[ZoneHours]) -> HoursAt:
    """Return when an aware instant is legal until, and from when on it is legal again."""
    every = tuple(limits)
    interval = legal_interval(instant, every)
    after = instant if interval is None else interval.end
    return HoursAt(interval, next_legal(after, every))


def legal_groups(
    instant: datetime,
    limits: Iterable[ZoneHours],
    horizon: timedelta = HORIZON,
    *,
    lasting: timedelta = timedelta(0),
) -> tuple[LegalGroup, ...]:
    """Return the zones in few groups, each with a first common legal instant; the earliest group is first.

    One group means that all zones have such an instant. Zones with similar offsets share a group.
    """
    at = _in_range(instant)
    groups: list[list[ZoneHours]] = []
    for limit in sorted(limits, key=lambda limit: (_offset(limit.zone, at), limit.zone)):
        for group in groups:
            if next_legal(at, (*group, limit), horizon, lasting=lasting) is not None:
                group.append(limit)
                break
        else:
            groups.append([limit])
    found = [LegalGroup(tuple(group), next_legal(at, group, horizon, lasting=lasting)) for group in groups]
    return tuple(sorted(found, key=lambda group: group.instant or _LATEST))


def _minute_of(at: time) -> int:
    return at.hour * 60 + at.minute


def _in_range(instant: datetime) -> datetime:
    """Return an instant in UTC, near the ends of the calendar a representable one instead."""
    if _EARLIEST.year < instant.year < _LATEST.year:
        return instant.astimezone(UTC)  # Comparisons of two offsets take three times as long.
    return max(_EARLIEST, min(instant, _LATEST)).astimezone(UTC)


def _next_common(limits: tuple[ZoneHours, ...], at: datetime, last: datetime) -> datetime | None:
    while True:
        latest = at
        for limit in limits:
            found = _next_in(limit, latest, last)
            if found is None:
                return None
            latest = found
        if latest == at:
            return at
        at = latest


def _next_in(limit: ZoneHours, at: datetime, last: datetime) -> datetime | None:
    """Return the first legal instant of one zone from `at` until `last`, both included."""
    day = at.date()
    while day <= last.date():
        for interval in _legal_in_day(limit, day):
            if interval.end > at:
                start = max(at, interval.start)
                return start if start <= last else None
        day += _DAY
    return None


def _interval_in(limit: ZoneHours, at: datetime, bounds: Interval) -> Interval | None:
    """Return the legal interval of one zone around `at`, complete at least as far as `bounds`."""
    around = [part for part in _legal_in_day(limit, at.date()) if part.start <= at < part.end]
    if not around:
        return None
    start, end = around[0]
    while end < bounds.end:
        after = [part for part in _legal_in_day(limit, end.date()) if part.start == end]
        if not after:
            break
        end = after[0].end
    while start > bounds.start:
        before = [part for part in _legal_in_day(limit, (start - _SECOND).date()) if part.end == start]
        if not before:
            break
        start = before[0].start
    return Interval(start, end)


@lru_cache(_DAYS_KEPT)
def _legal_in_day(limit: ZoneHours, day: date) -> tuple[Interval, ...]:
    """Return the legal intervals of one zone within a day of UTC, in order; none touches another."""
    intervals: list[Interval] = []
    for piece, offset in _pieces(limit.zone, day):
        for part in _legal_in_piece(limit.hours, piece, offset):
            if intervals and intervals[-1].end == part.start:
                intervals[-1] = Interval(intervals[-1].start, part.end)
            else:
                intervals.append(part)
    return tuple(intervals)


def _legal_in_piece(hours: LegalHours, piece: Interval, offset: timedelta) -> Iterator[Interval]:
    """Yield the legal intervals of a piece of time in which the offset from UTC does not change."""
    day = (piece.start + offset).date()
    while (midnight := datetime.combine(day, time(), UTC) - offset) < piece.end:
        for opens, closes in hours.on(day):
            start = max(piece.start, midnight + timedelta(minutes=opens))
            end = min(piece.end, midnight + timedelta(minutes=closes))
            if start < end:
                yield Interval(start, end)
        day += _DAY


@lru_cache(_DAYS_KEPT)
def _pieces(zone: str, day: date) -> tuple[tuple[Interval, timedelta], ...]:
    """Return a day of UTC, cut where the offset of the zone changes, and the offset of each piece.

    Within a piece, local time is UTC plus a constant, so neither a skipped nor a repeated hour needs care.
    """
    start = datetime.combine(day, time(), UTC)
    hours = [start + hour * _HOUR for hour in range(25)]
    changes = [
        _change(zone, before, after)
        for before, after in pairwise(hours)
        if _offset(zone, before) != _offset(zone, after)
    ]
    edges = [start, *changes, start + _DAY]
    return tuple(
        (Interval(before, after), _offset(zone, before))
        for before, after in pairwise(edges)
        if before < after
    )


def _change(zone: str, before: datetime, after: datetime) -> datetime:
    """Return the first second with another offset than `before`; at `after` it is another one."""
    offset = _offset(zone, before)
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(time_zone(zone)).utcoffset() or timedelta(0)
