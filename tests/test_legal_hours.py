"""Legal hours in several time zones equal a check of every minute."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sendspec.legal_hours import (
    HORIZON,
    Interval,
    LegalHours,
    LegalWindow,
    ZoneHours,
    illegal_at,
    in_zones,
    is_legal,
    legal_groups,
    legal_interval,
    next_legal,
    outside_quiet_hours,
)
from sendspec.structs import replace
from sendspec.timezones import time_zone

MINUTE = timedelta(minutes=1)
DAYTIME = outside_quiet_hours(time(21), time(8))
ODD_DAYS = {
    "America/New_York": datetime(2026, 3, 8, tzinfo=UTC),
    "Europe/Paris": datetime(2026, 10, 25, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 4, tzinfo=UTC),
    "America/Santiago": datetime(2026, 9, 6, tzinfo=UTC),
    "Asia/Beirut": datetime(2026, 3, 28, tzinfo=UTC),
    "Africa/Casablanca": datetime(2026, 2, 15, tzinfo=UTC),
    "America/St_Johns": datetime(2026, 11, 1, tzinfo=UTC),
    "Antarctica/Troll": datetime(2026, 3, 29, tzinfo=UTC),
    "Pacific/Apia": datetime(2011, 12, 29, tzinfo=UTC),
    "Pacific/Chatham": datetime(2026, 9, 26, tzinfo=UTC),
    "Asia/Kathmandu": datetime(2026, 6, 1, tzinfo=UTC),
}
"""Zones, and a day near a change of their clocks if they have one."""


@st.composite
def windows(draw):
    edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=4)))
    return tuple(LegalWindow(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def legal_hours(draw):
    if draw(st.booleans()):
        return DAYTIME
    week = draw(st.lists(windows(), min_size=7, max_size=7))
    closed = draw(st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=2))
    return LegalHours(tuple(week), closed)


@st.composite
def situations(draw):
    """Return limits of up to three zones, and an instant near a change of the clocks of one."""
    zones = draw(st.lists(st.sampled_from(sorted(ODD_DAYS)), min_size=1, max_size=3, unique=True))
    limits = tuple(ZoneHours(zone, draw(legal_hours())) for zone in zones)
    start = ODD_DAYS[draw(st.sampled_from(zones))]
    return limits, start + draw(st.integers(-1440, 2880)) * MINUTE


def minutely(instant: datetime, limits: tuple[ZoneHours, ...]) -> bool:
    """Return whether the wall clock of each zone is within its legal hours."""
    return all(_shows_legal(instant.astimezone(time_zone(zone)), hours) for zone, hours in limits)


def _shows_legal(local: datetime, hours: LegalHours) -> bool:
    minute = local.hour * 60 + local.minute
    day = () if local.date() in hours.closed else hours.week[local.weekday()]
    return any(opens <= minute < closes for opens, closes in day)


def first(instants, wanted):
    return next((instant for instant in instants if wanted(instant)), None)


@settings(max_examples=80)
@given(situations(), st.integers(0, 59))
@example((in_zones(DAYTIME, ["America/New_York", "Asia/Kathmandu"]), ODD_DAYS["America/New_York"]), 0)
@example((in_zones(DAYTIME, ["Pacific/Apia"]), ODD_DAYS["Pacific/Apia"]), 30)
def test_verdicts_equal_a_check_of_every_minute(situation, second):
    """The verdict, the interval and the next legal instant are those of the wall clocks, minute by minute."""
    limits, minute = situation
    instant = minute + timedelta(seconds=second)
    horizon = timedelta(days=2)
    legal = minutely(instant, limits)
    assert is_legal(instant, limits) is legal
    assert set(illegal_at(instant, limits)) == {limit for limit in limits if not minutely(instant, (limit,))}
    later = [minute + n * MINUTE for n in range(1, 2881)]
    if legal:
        end = first(later, lambda at: not minutely(at, limits))
        before = [*takewhile(lambda at: minutely(at, limits), (minute - n * MINUTE for n in range(2881)))]
        interval = legal_interval(instant, limits, horizon)
        assert interval is not None
        assert interval.end == (end or instant + horizon)
        assert interval.start == max(before[-1], instant - horizon)
        assert next_legal(instant, limits) == instant
    else:
        assert legal_interval(instant, limits) is None
        found = next_legal(instant, limits, horizon)
        wanted = first([*later, instant + horizon], lambda at: minutely(at, limits))
        assert found == wanted


@pytest.mark.parametrize(
    ("zone", "hours", "instant", "expected"),
    [
        # The clocks skip 02:00 to 03:00, so a window that opens at 02:30 opens at 03:00.
        ("America/New_York", (150, 600), "2026-03-08T05:00Z", "2026-03-08T07:00Z"),
        # A window that closes at 01:30 is legal twice in the repeated hour.
        ("America/New_York", (60, 90), "2026-11-01T05:45Z", "2026-11-01T06:00Z"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", (480, 1260), "2011-12-30T07:00Z", "2011-12-30T18:00Z"),
        # The clocks of Santiago skip midnight.
        ("America/Santiago", (0, 60), "2026-09-06T03:00Z", "2026-09-07T03:00Z"),
    ],
)
def test_changes_of_the_clocks(zone, hours, instant, expected):
    """A skipped hour does not count, a repeated one counts twice, and a skipped day is none."""
    limits = in_zones(LegalHours(((LegalWindow(*hours),),) * 7), [zone])
    assert next_legal(datetime.fromisoformat(instant), limits) == datetime.fromisoformat(expected)


def test_zones_without_a_common_hour_are_grouped():
    """Three continents have no daytime in common; the proposal has few groups, the earliest first."""
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)
    far = ["Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin", "America/Denver"]
    assert next_legal(noon, in_zones(DAYTIME, far)) is None
    [west, east] = legal_groups(noon, in_zones(DAYTIME, far))
    assert [limit.zone for limit in west.limits] == ["America/Los_Angeles", "America/Denver", "Europe/Berlin"]
    assert [limit.zone for limit in east.limits] == ["Asia/Tokyo"]
    assert (west.instant, east.instant) == (noon.replace(hour=16), noon.replace(hour=23))
    [together] = legal_groups(noon, in_zones(DAYTIME, far[1:]))
    assert together.instant == noon.replace(hour=16)


def test_a_long_run_needs_a_long_interval():
    """With `lasting`, the result leaves so much time before the first zone gets quiet."""
    evening = datetime(2026, 12, 1, 18, tzinfo=UTC)
    limits = in_zones(DAYTIME, ["Europe/Paris"])
    hour = timedelta(hours=1)
    assert next_legal(evening, limits, lasting=2 * hour) == evening
    assert next_legal(evening, limits, lasting=3 * hour) == datetime(2026, 12, 2, 7, tzinfo=UTC)
    assert next_legal(evening, limits, lasting=14 * hour) is None


@pytest.mark.parametrize("instant", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_the_calendar(instant):
    """An instant near the first or the last year is judged as one that has a local time everywhere."""
    limits = in_zones(DAYTIME, ["Pacific/Kiritimati", "Pacific/Honolulu"])
    assert isinstance(is_legal(instant, limits), bool)
    assert legal_interval(instant, ()) is not None
    assert next_legal(instant, in_zones(DAYTIME, ["UTC"])) is not None


def test_quiet_hours_within_a_day():
    """Quiet hours need not contain midnight, may end at it, and must not be empty."""
    assert outside_quiet_hours(time(1), time(5)).week[0] == (LegalWindow(0, 60), LegalWindow(300, 1440))
    assert outside_quiet_hours(time(18), time(0)).week[0] == (LegalWindow(0, 1080),)
    assert outside_quiet_hours(time(0), time(8)).week[0] == (LegalWindow(480, 1440),)
    with pytest.raises(ValueError, match="same minute"):
        outside_quiet_hours(time(8), time(8))
    with pytest.raises(ValueError, match="seven days"):
        LegalHours(((LegalWindow(600, 500),),) * 7)
    with pytest.raises(ValueError, match="seven days"):
        LegalHours(())


def test_a_closed_date_has_no_legal_hours():
    """A holiday is closed by its local date, from midnight to midnight in the zone."""
    hours = replace(DAYTIME, closed=frozenset({date(2026, 12, 25)}))
    eve = datetime(2026, 12, 24, 21, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert next_legal(eve, in_zones(hours, ["Asia/Tokyo"])) == eve.replace(day=26, hour=8)
    assert next_legal(eve, in_zones(hours, ["Asia/Tokyo", "Europe/Paris"])) == eve.replace(day=26, hour=16)


def test_hours_without_limits_are_legal():
    """Without zones every instant is legal, as far as the search goes."""
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert legal_interval(noon, ()) == Interval(noon - HORIZON, noon + HORIZON)
    assert next_legal(noon, ()) == noon
    always = in_zones(LegalHours(((LegalWindow(0, 1440),),) * 7), ["America/New_York"])
    interval = legal_interval(noon, always)
    assert interval is not None
    assert interval.end >= noon + HORIZON
    never = in_zones(LegalHours(((),) * 7), ["Europe/Paris"])
    assert next_legal(noon, never) is None
    assert [group.instant for group in legal_groups(noon, never)] == [None]


def test_time_zones_without_those_of_the_system():
    """A system without zone files uses those of the package tzdata."""
    script = "from zoneinfo import ZoneInfo, TZPATH; print(TZPATH, ZoneInfo('America/Phoenix').key)"
    shown = subprocess.check_output(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONTZPATH": ""}, text=True
    )
    assert shown.split() == ["()", "America/Phoenix"]
