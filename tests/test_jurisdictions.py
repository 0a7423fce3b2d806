"""The table of marketing hours: each row has a source and a date, and its names exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from importlib.metadata import version

import pytest
from pyroaring import BitMap64

from sendspec.data_rows import data_rows
from sendspec.jurisdictions import (
    area_codes,
    count_area_codes,
    country_codes,
    holiday_dates,
    jurisdictions,
    may_be_in,
    prefix_of,
)
from sendspec.phone import numbering_plans
from sendspec.timezones import zones_of_country

ROWS = [*data_rows("jurisdictions/marketing_hours.csv"), *data_rows("jurisdictions/area_codes.csv")]


def test_every_row_has_a_source_and_a_date():
    """Each row names its source, and the day on which a person read it."""
    for row in ROWS:
        assert row["source"].strip(), row
        assert date.fromisoformat(row["as_of"]) >= date(2026, 1, 1), row


@pytest.mark.parametrize("jurisdiction", jurisdictions().values(), ids=lambda found: found.id)
def test_a_jurisdiction_is_complete(jurisdiction):
    """It has an ISO 3166 code, a day with fewer hours than `quiet-hours`, zones, and known holidays."""
    assert re.fullmatch(r"[A-Z]{2}(-[A-Z]{2})?", jurisdiction.id)
    codes = [code for code, found in area_codes().items() if found.jurisdiction == jurisdiction.id]
    assert bool(codes) == ("-" in jurisdiction.id)
    assert codes or zones_of_country(jurisdiction.id)
    minutes = [sum(closes - opens for opens, closes in day) for day in jurisdiction.week]
    assert min(minutes) < 13 * 60
    assert jurisdiction.knows_holidays(2026)
    if jurisdiction.holidays:
        assert date(2026, 12, 25) in jurisdiction.hours(2026).closed


def test_every_area_code_is_american():
    """Each area code occurs once, is one of the United States, and has time zones."""
    codes = [row["area_code"] for row in data_rows("jurisdictions/area_codes.csv")]
    assert len(codes) == len(set(codes))
    for code, found in area_codes().items():
        assert numbering_plans().verdict(f"{code}2345678") == "US", code
        assert found.zones
        assert found.jurisdiction in jurisdictions()


def test_numbers_are_counted_by_area_code():
    """Only whole numbers of a listed area code count: neither other countries nor shorter numbers."""
    numbers = BitMap64(
        [13055550100, 13055550101, 13049999999, 13060000000, 1305555, 447700900123, 18505550100]
    )
    assert count_area_codes(numbers) == {"1305": 2, "1850": 1}
    assert set(area_codes()["1850"].zones) == {"America/Chicago", "America/New_York"}
    assert count_area_codes(BitMap64()) == {}
    # A long list is counted by ranges, a short one by its numbers.
    several = [number + last for number in (13055550100, 12125550100, 18505550100) for last in range(100)]
    assert count_area_codes(BitMap64(several)) == {"1305": 100, "1850": 100}


def test_holidays_of_the_years_around():
    """The holidays of a year include those of its neighbours, because New Year is near."""
    found = holiday_dates("FR", 2026)
    assert found is not None
    assert {date(2025, 12, 25), date(2026, 5, 14), date(2027, 1, 1)} <= found
    assert date(2026, 5, 13) not in found


def test_holidays_are_loaded_from_the_library_once(tmp_path):
    """A second process reads the dates from the user's cache, and does not import the library."""
    script = (
        "import sys; from sendspec.jurisdictions import holiday_dates\n"
        "print(*sorted(holiday_dates('FR', 2026)), 'holidays' in sys.modules)"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    first, second = (
        subprocess.check_output([sys.executable, "-c", script], env=env, text=True).split() for _ in range(2)
    )
    assert first[:-1] == second[:-1] == list(map(str, sorted(holiday_dates("FR", 2026))))
    assert (first[-1], second[-1]) == ("True", "False")
    [file] = (tmp_path / "sendspec").iterdir()
    assert version("holidays") in file.name


def test_without_the_library_for_holidays():
    """Without the extra, the holidays are not known, and the hours of weekdays still count."""
    script = (
        "import sys; sys.modules['holidays'] = None\n"
        "from sendspec.jurisdictions import holiday_dates, jurisdictions\n"
        "france = jurisdictions()['FR']\n"
        "print(holiday_dates('FR', 2026), france.knows_holidays(2026), len(france.hours(2026).closed))"
    )
    shown = subprocess.check_output([sys.executable, "-c", script], text=True)
    assert shown.split() == ["None", "False", "0"]


def test_four_digits_decide_about_hours():
    """A country with hours has its country code for itself, and each area code has four digits."""
    for code, country in country_codes().items():
        assert numbering_plans().regions_of(code) == (country,), code
        assert len(code) < 4
    assert set(country_codes().values()) == {name for name in jurisdictions() if "-" not in name}
    assert {len(code) for code in area_codes()} == {4}
    assert [prefix_of(digits) for digits in ("1305", "3361", "1212", "4477", "", '[{"n')] == [
        *("1305", "33"),
        *[""] * 4,
    ]


@pytest.mark.parametrize(
    ("zone", "jurisdiction", "expected"),
    [
        *(("America/Chicago", "US-FL", True), ("US/Eastern", "US-FL", True), ("US/Pacific", "US-FL", False)),
        *(("Etc/GMT+8", "US-FL", True), ("EST", "US-FL", True), ("Europe/Paris", "FR", True)),
        *(("Europe/Berlin", "FR", False), ("America/Denver", "US-TX", True)),
    ],
)
def test_a_zone_may_be_in_a_jurisdiction(zone, jurisdiction, expected):
    """The zones of a state are those of its area codes; a name that is not a place may be anywhere."""
    assert may_be_in(zone, jurisdiction) is expected
