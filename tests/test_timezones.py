"""Candidate zones: the pinned tz database, area codes with their corrections, and counts by prefix."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType
from pyroaring import BitMap64

from sendspec.data_rows import data_rows
from sendspec.phone import numbering_plans
from sendspec.timezones import is_zone, number_zones, time_zone, zones_of_country, zones_of_places
from sendspec.timezones.area_codes import area_code_zones, compiled_area_codes, corrected_area_codes
from tests.row_scan.zone_survey import zones_of

FILES = ("area_code_corrections.csv", "country_prefixes.csv", "other_countries.csv")
TWO_ZONES = "219 250 270 308 418 423 541 574 606 620 785 807 812 850 867 906 928"
OVERLAYS = "236 257 273 364 367 448 458 581 672 778 930 931 986"
OTHERS = "208 605 701 775 907 915"
ONE_ZONE = "201 212 305 306 312 402 416 474 480 506 602 604 615 689 702 713 808 809 902"


def offsets(zones):
    """Return what clocks show in the zones: pairs of the offsets in winter and in summer, in hours."""
    months = [datetime(2027, month, 10, 12, tzinfo=UTC) for month in (1, 7)]
    shown = ([at.astimezone(time_zone(zone)).utcoffset() for at in months] for zone in zones)
    return {tuple(offset.total_seconds() / 3600 for offset in pair) for pair in shown}


def rows():
    return [(name, row) for name in FILES for row in data_rows(f"timezones/{name}")]


# ── the tz database


def test_zones_are_those_of_the_package(tmp_path):
    """A system whose own file of a zone is wrong or missing has the zones of the installed tzdata, too."""
    code = (
        "from datetime import datetime, UTC\n"
        "from sendspec.timezones import time_zone, zones_of_country\n"
        "at = datetime(2027, 7, 1, tzinfo=UTC)\n"
        "print(*(time_zone(f'America/{name}').utcoffset(at) for name in ('Phoenix', 'Denver')))\n"
    )
    (tmp_path / "America").mkdir()
    tokyo = files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
    (tmp_path / "America" / "Phoenix").write_bytes(tokyo)
    environment = {"PYTHONTZPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    assert done.stdout == b"-1 day, 17:00:00 -1 day, 18:00:00\n"


@pytest.mark.parametrize(
    "name", ["", "EST5", "Factory", "../zone.tab", "america/new_york", "localtime", None]
)
def test_other_names_are_not_zones(name):
    """Names are exact, and no name reads another file."""
    assert not is_zone(name)
    with pytest.raises(KeyError):
        time_zone(name)


def test_links_are_zones():
    """Lists of older systems have former names, which the database keeps as links."""
    assert is_zone("US/Eastern")
    assert is_zone("America/Indianapolis")
    assert "US/Eastern" not in zones_of_places()


def test_every_country_of_phone_numbers_has_a_zone():
    """Each region of libphonenumber has at least one zone, and each zone exists."""
    regions = numbering_plans().regions
    assert [region for region in sorted(regions) if not zones_of_country(region)] == []
    assert [name for name in zones_of_places() if not is_zone(name)] == []
    assert zones_of_country("ZZ") == ()


# ── the data files


@pytest.mark.parametrize(("file", "row"), rows(), ids=lambda value: str(value)[:40])
def test_every_row_has_a_reason_a_source_and_a_date(file, row):
    """A row is a fact about the world, so it must be possible to check it again."""
    assert row["reason"]
    assert row["source"]
    assert date(2025, 1, 1) < date.fromisoformat(row["as_of"])
    zones = row.get("zones", "").split()
    assert zones == sorted(zones)
    assert all(map(is_zone, zones))


def test_no_correction_is_redundant():
    """The installed phonenumbers has other zones for each corrected area code; remove a row if it has not."""
    own = compiled_area_codes()
    corrected = corrected_area_codes()
    assert [
        prefix for prefix in corrected if offsets(corrected[prefix]) == offsets(own.get(prefix, ()))
    ] == []


def test_no_other_row_is_redundant():
    """Without its row, each prefix would have the zones of another country, and each country none."""
    plans = numbering_plans()
    for row in data_rows("timezones/country_prefixes.csv"):
        main = plans.regions_of(plans.code_of(row["prefix"]))[0]
        assert offsets(zones_of_country(row["country"])) != offsets(zones_of_country(main))
    countries = [row["country"] for row in data_rows("timezones/other_countries.csv")]
    assert len(countries) == len(set(countries)) == 3


# ── numbers


def nanpa_offsets() -> dict[str, set[float]]:
    """Return the standard offsets of each area code, in hours, by the administrator of +1."""
    hours = {"E": -5, "C": -6, "M": -7, "P": -8, "A": -4, "N": -3.5}
    others = {"AK": {-9}, "UTC-10": {-10}, "UTC+10": {10}, "UTC-11": {-11}}
    found = {}
    for line in (Path(__file__).parent / "nanpa_time_zones.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            letters, _, areas = line.partition(": ")
            own = others.get(letters) or {hours[letter] for letter in letters}
            found |= dict.fromkeys(areas.split(), own)
    return found


def test_area_codes_have_the_zones_that_their_administrator_states():
    """Each zone of NANPA's report is a candidate; only areas with a reason have further ones."""
    at = datetime(2025, 12, 1, tzinfo=UTC)  # In 2026, British Columbia changed its standard time.
    lacking, further = [], set()
    for area, stated in nanpa_offsets().items():
        zones = area_code_zones().get(f"1{area}", ())
        own = {at.astimezone(time_zone(zone)).utcoffset().total_seconds() / 3600 for zone in zones}
        if zones and not stated <= own:
            lacking.append(area)
        if own - stated:
            further.add(area)
    dominican_republic = ["829", "849"]  # The report says Eastern, but for 809 and in law it is Atlantic.
    assert lacking == dominican_republic
    east_of_british_columbia = {"236", "250", "257", "672", "778"}
    east_of_quebec = {"273", "367", "418", "581"}
    assert further == {
        *east_of_british_columbia,
        *east_of_quebec,
        *("709", "879"),  # Labrador has Atlantic time.
        "867",  # Iqaluit has Eastern time.
        "907",  # The western Aleutians have the standard time of Hawaii.
        *("930", "986"),  # Overlays of 812 and 208.
        *dominican_republic,
    }


@pytest.mark.parametrize("area", [*TWO_ZONES.split(), *OVERLAYS.split(), *OTHERS.split()])
def test_an_area_code_with_two_zones_has_both(area):
    """Any number of the area may be in either zone, whatever its exchange."""
    found = {number_zones().of(f"1{area}{exchange}0123") for exchange in ("200", "555", "777", "999")}
    assert len(found) == 1
    assert len(offsets(found.pop())) >= 2


@pytest.mark.parametrize("area", ONE_ZONE.split())
def test_an_area_code_with_one_zone_has_one(area):
    """No area gets a zone that it does not have, which would shorten its legal hours."""
    assert len(offsets(number_zones().of(f"1{area}5550123"))) == 1


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        pytest.param("12125550123", ("America/New_York",), id="New York"),
        pytest.param("18505550123", ("America/Chicago", "America/New_York"), id="Florida's west"),
        pytest.param("447700900123", ("Europe/London",), id="United Kingdom"),
        pytest.param("33639980012", ("Europe/Paris",), id="France"),
        pytest.param("262692123456", ("Indian/Reunion",), id="Réunion"),
        pytest.param("262639012345", ("Indian/Mayotte",), id="Mayotte"),
        pytest.param("5511912345678", ("America/Sao_Paulo",), id="São Paulo"),
        pytest.param("5568912345678", ("America/Rio_Branco",), id="Acre"),
        pytest.param(
            "5581912345678", ("America/Noronha", "America/Sao_Paulo"), id="Pernambuco and its islands"
        ),
        pytest.param("5592912345678", ("America/Manaus",), id="Manaus"),
        pytest.param("5597912345678", ("America/Eirunepe", "America/Manaus"), id="the west of Amazonas"),
        pytest.param("5585912345678", ("America/Sao_Paulo",), id="Ceará"),
        pytest.param("525512345678", ("America/Mexico_City",), id="Mexico City"),
        pytest.param("526641234567", ("America/Tijuana",), id="Tijuana"),
        pytest.param("526141234567", ("America/Chihuahua",), id="Chihuahua"),
        pytest.param("38344123456", ("Europe/Belgrade",), id="Kosovo"),
        pytest.param("80012345678", (), id="free phone of several countries"),
        pytest.param("883510012345", (), id="network of several countries"),
        pytest.param("999123456", (), id="unknown country code"),
        pytest.param("0612345678", (), id="without a country code"),
        pytest.param("", (), id="nothing"),
        pytest.param("1212555012312345", (), id="16 digits"),
    ],
)
def test_zones_of_a_number(number, zones):
    """The area code decides if mobile numbers of the country have one, else the country."""
    assert number_zones().of(number) == zones


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("18005550123", "US"),
        ("16005550123", "CA"),
        ("79123456789", "RU"),
        ("77011234567", "KZ"),
        ("61412345678", "AU"),
        ("351912345678", "PT"),
        ("6281212345678", "ID"),
    ],
)
def test_a_number_without_an_area_code_has_all_zones_of_its_country(number, country):
    """A mobile number of these countries does not show where its owner is."""
    zones = number_zones().of(number)
    assert zones == zones_of_country(country)
    assert len(zones) > 1


def test_mobile_numbers_of_every_country_have_zones_of_the_country():
    """The example of each region is in its country: no prefix belongs to a neighbour with another time."""
    for region in sorted(numbering_plans().regions):
        example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
        if example is None:
            continue
        number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164).lstrip("+")
        own = phonenumbers.region_code_for_number(example)
        zones = number_zones().of(number)
        assert zones, region
        assert offsets(zones) <= offsets(zones_of_country(own)), (region, number)


def test_counts_by_prefix_are_those_of_each_number():
    """Ranges of a bitmap give the same counts as a look at each number, of any length."""
    chance = random.Random(7)  # noqa: S311 - the same numbers each time
    limits = (9, 10**6, 2 * 10**10, 10**15, 2**64)
    numbers = [chance.randrange(chance.choice(limits)) for _ in range(4000)]
    codes = (1, 52, 55, 7, 61, 262, 44, 800)
    numbers += [int(f"{chance.choice(codes)}{chance.randrange(10**9, 10**10)}") for _ in range(4000)]
    bitmap = BitMap64([*numbers, 0, 1, 10**15 - 1, 10**15, 2**64 - 1])
    counts = number_zones().counts(bitmap)
    assert counts == Counter(number_zones().of(str(number)) for number in bitmap)
    assert counts == Counter(zones_of(str(number)) for number in bitmap)
    for size in range(9):
        few = BitMap64(chance.sample(numbers, size))
        assert number_zones().counts(few) == Counter(number_zones().of(str(number)) for number in few)


def test_area_codes_have_only_zones_of_the_database():
    """A zone that libphonenumber names is one that the pinned database has."""
    assert [prefix for prefix, zones in area_code_zones().items() if not all(map(is_zone, zones))] == []
