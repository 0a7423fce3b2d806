"""The local times of a send: rows by zone, against the clock of every zone."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from sendspec.data_rows import data_rows
from sendspec.legal_hours import LegalWindow, in_zones, next_legal, outside_quiet_hours
from sendspec.local_times import Legality, LocalTimes, arrival, local_times, local_times_of
from sendspec.structs import replace
from sendspec.timezones import time_zone, zone_name, zones_of_places
from tests.plans import NOW, plan_specs
from tests.projects import CONTACTS, TEASER, project

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from sendspec.local_times import LocalTime

HOURS = outside_quiet_hours(time(21), time(8))
EASTERN, CENTRAL, MOUNTAIN = "America/New_York", "America/Chicago", "America/Denver"
SPRING = datetime(2030, 4, 3, 6, tzinfo=UTC)
"""02:00 in New York, in summer time."""


def shown(row: LocalTime) -> str:
    end = f"-{row.end:%H:%M}" if row.is_range else ""
    return f"{' or '.join(row.names) or 'others'} {row.people} {row.start:%a %H:%M}{end} {row.legality}"


def test_rows_are_sorted_by_local_time_and_few_people_are_folded():
    """Zones with one usual name are one row, Arizona is none of Mountain in summer, and a range is shown."""
    zones = {
        (EASTERN,): 200,
        ("America/Detroit",): 100,
        (CENTRAL,): 200,
        (MOUNTAIN,): 150,
        ("America/Phoenix",): 50,
        ("Pacific/Honolulu",): 100,
        (CENTRAL, EASTERN): 7,
        ("Asia/Tokyo",): 3,
        ("Europe/Paris",): 4,
    }
    rows = local_times(zones, SPRING, in_zones(HOURS, {zone for names in zones for zone in names}))
    assert [shown(row) for row in rows] == [
        "Hawaii 100 Tue 20:00 legal",
        "Arizona 50 Tue 23:00 illegal",
        "Mountain 150 Wed 00:00 illegal",
        "Central 200 Wed 01:00 illegal",
        "Central or Eastern 7 Wed 01:00-02:00 illegal",
        "Eastern 300 Wed 02:00 illegal",
        "others 7 Wed 08:00-15:00 legal",
    ]
    assert [row.next_legal and row.next_legal.astimezone(time_zone(EASTERN)).hour for row in rows] == [
        *(2, 11, 10, 9, 9, 8, 2)
    ]
    assert rows[-1].zones == ()
    assert rows[4].zones == (CENTRAL, EASTERN)


def test_a_state_with_shorter_hours_makes_a_row_partly_legal():
    """The hours of one state do not apply to all people of its zone."""
    evening = datetime(2030, 4, 3, 20, 30, tzinfo=time_zone(EASTERN))
    florida = in_zones(outside_quiet_hours(time(20), time(8)), [EASTERN])
    [row] = local_times({(EASTERN,): 9}, evening, {*in_zones(HOURS, [EASTERN]), *florida})
    assert (row.legality, row.next_legal) == (Legality.PARTLY, datetime(2030, 4, 4, 12, tzinfo=UTC))
    assert row.windows == (LegalWindow(8 * 60, 20 * 60),)
    [row] = local_times({(EASTERN,): 9}, evening)
    assert (row.legality, row.next_legal) == (Legality.NOT_LIMITED, None)


def test_the_hour_that_a_zone_repeats():
    """In the night in which the clocks go back, two instants have one local time, and each has its row."""
    first = datetime(2030, 11, 3, 5, 30, tzinfo=UTC)
    rows = [local_times({(EASTERN,): 9}, first + timedelta(hours=hour))[0] for hour in range(2)]
    assert [f"{row.start:%H:%M %z}" for row in rows] == ["01:30 -0400", "01:30 -0500"]


@pytest.mark.parametrize("seed", range(12))
def test_rows_of_any_zones(seed):
    """Every person is in one row, whose range has the local times of all candidates."""
    rng = random.Random(seed)  # noqa: S311 - the same zones each time, not a secret
    places = zones_of_places()
    zones = {tuple(sorted(rng.sample(places, rng.randrange(1, 6)))): rng.randrange(1, 20) for _ in range(30)}
    at = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(4 * 366 * 24 * 60))
    limits = in_zones(HOURS, {zone for names in zones for zone in names})
    rows = local_times(zones, at, limits)
    assert sum(row.people or 0 for row in rows) == sum(zones.values())
    assert all(row.names and (row.people or 0) >= 5 for row in rows[:-1])
    starts = [row.start.replace(tzinfo=None) for row in rows if row.names]
    assert starts == sorted(starts)
    for row in rows:
        clocks = [at.astimezone(time_zone(zone)).replace(tzinfo=None) for zone in row.zones]
        if row.names:
            assert (row.start.replace(tzinfo=None), row.end.replace(tzinfo=None)) == (
                min(clocks),
                max(clocks),
            )
            assert (row.legality is Legality.LEGAL) is all(8 <= clock.hour < 21 for clock in clocks)
            assert row.next_legal == next_legal(at, in_zones(HOURS, row.zones))
        assert row.start == row.end == at


def test_zones_with_one_usual_name_have_one_local_time():
    """From 2026 on, the tz database has the same offset for all zones of each name of the data file."""
    by_name: dict[str, list[tzinfo]] = {}
    for row in data_rows("timezones/zone_names.csv"):
        assert row["zone"] in zones_of_places() or row["zone"] == "Europe/Kyiv", row
        assert (row["source"], row["as_of"]) != ("", "")
        by_name.setdefault(row["name"], []).append(time_zone(row["zone"]))
    for name, zones in by_name.items():
        for week in range(5 * 53):
            at = datetime(2026, 1, 4, 7, tzinfo=UTC) + timedelta(weeks=week)
            assert len({at.astimezone(zone).utcoffset() for zone in zones}) == 1, (name, at)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (EASTERN, "Eastern"),
        ("US/Eastern", "Eastern"),
        ("America/Phoenix", "Arizona"),
        ("Europe/London", "UK"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("America/Panama", "Panama"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_without_a_usual_name_has_that_of_its_place(zone, name):
    """A link has the name of its zone."""
    assert zone_name(zone) == name


def test_the_local_times_of_a_plan(tmp_path: Path, monkeypatch):
    """The sandbox shows local times too: at `notBefore`, else now; unknown zones are counted."""
    monkeypatch.chdir(tmp_path)
    project(tmp_path / "specs", CONTACTS, TEASER, count=500)
    [sale, teaser] = plan_specs().sends
    found = local_times_of(sale, NOW)
    assert found is not None
    assert (found.at, found.without_zone, sum(row.people or 0 for row in found.rows)) == (NOW, 0, 500)
    assert {row.legality for row in found.rows} == {Legality.ILLEGAL}
    tomorrow = NOW + timedelta(days=1)
    assert arrival(replace(sale, send=replace(sale.send, not_before=tomorrow)), NOW) == tomorrow
    assert arrival(replace(sale, send=replace(sale.send, not_before=NOW)), NOW) == NOW
    assert sale.facts is not None
    without = replace(sale, facts=replace(sale.facts, count=507))
    assert local_times_of(without, NOW) == replace(found, without_zone=7)
    [declared] = (local_times_of(teaser, NOW) or LocalTimes(NOW)).rows
    assert (declared.names, declared.people) == (("UK",), None)
    for date, expected in (("2030-02-01T12:00:00Z", datetime(2030, 2, 1, 12, tzinfo=UTC)), ("soon", None)):
        payload = {**teaser.send.payload, "scheduledDate": date}
        assert arrival(replace(teaser, send=replace(teaser.send, payload=payload)), NOW) == expected


@pytest.mark.parametrize(
    ("zones", "names"),
    [
        ({(EASTERN,): 1}, [("Eastern",)]),
        ({(EASTERN,): 1, ("America/Detroit",): 1}, [("Eastern",)]),
        ({(EASTERN,): 1, (CENTRAL,): 1}, [()]),
        ({(EASTERN,): 9, (CENTRAL,): 1}, [("Eastern",), ()]),
    ],
)
def test_only_a_part_of_a_list_is_a_group_that_can_point_at_a_person(zones, names) -> None:
    """The start of a send names the zone of its whole list, so the table names it as well."""
    assert [row.names for row in local_times(zones, NOW)] == names
