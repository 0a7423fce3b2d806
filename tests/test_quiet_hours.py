"""The verdict of `quiet-hours` is that of a look at every minute, in each zone of each recipient."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest

from sendspec.compare import compare
from sendspec.errors import SpecError
from sendspec.model import (
    Audience,
    AudienceFacts,
    Level,
    Location,
    Locations,
    Purpose,
    RuleSetting,
    Target,
    ZoneFacts,
)
from sendspec.rules import RULES
from sendspec.rules._lib.rule import CheckedSend
from sendspec.structs import replace
from sendspec.timezones import time_zone, zones_of_country
from tests.audiences import a_send
from tests.rule_cases import CASES, check_folder, context_of, write_project

if TYPE_CHECKING:
    from collections.abc import Sequence

RULE: Final = next(rule for rule in RULES if rule.id == "quiet-hours")
CONTEXT: Final = context_of(CASES / "quiet-hours" / "good")
YEAR: Final = datetime(2027, 1, 1, tzinfo=UTC)
MINUTES: Final = 370 * 24 * 60
HOURS: Final = (("21:00", "08:00"), ("22:00", "06:30"), ("12:00", "13:00"), ("00:00", "07:00"))
ZONES: Final = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"),
    *("America/Adak", "Pacific/Honolulu", "America/St_Johns", "America/Sao_Paulo", "America/Havana"),
    *("Europe/London", "Europe/Paris", "Europe/Dublin", "Africa/Casablanca", "Africa/Cairo", "Asia/Gaza"),
    *("Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Sydney", "Australia/Lord_Howe"),
    *("Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Apia", "America/Santiago"),
)
CHANGES: Final = (
    *(datetime(2027, 3, 14, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 4, 4, tzinfo=UTC)),
    *(
        datetime(2027, 9, 26, tzinfo=UTC),
        datetime(2027, 10, 31, tzinfo=UTC),
        datetime(2027, 11, 7, tzinfo=UTC),
    ),
)
"""Days on which the clocks of some of the zones change."""

PURPOSES: Final = "option 'purposes' of rule quiet-hours must be a list of marketing and transactional"


def minute_of_day(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


@cache
def local_quarters(zone: str) -> list[int]:
    """Return the minute of the local day at each quarter of an hour of the year."""
    # Offsets change at most at a full minute, and are equal within each quarter of an hour.
    tz, quarter = time_zone(zone), timedelta(minutes=15)
    instants = (YEAR + at * quarter for at in range(MINUTES // 15))
    return [local.hour * 60 + local.minute for local in (at.astimezone(tz) for at in instants)]


@cache
def legal_minutes(zone: str, start: str, end: str) -> bytes:
    """Return 1 for each minute of the year that is outside the quiet hours, by the clock of the zone."""
    first, last = minute_of_day(start), minute_of_day(end)
    quiet = [
        first <= minute < last if first < last else minute >= first or minute < last for minute in range(1440)
    ]
    of_day = bytes(not each for each in quiet) * 2
    return b"".join(of_day[at : at + 15] for at in local_quarters(zone))


@cache
def all_legal(zones: frozenset[str], start: str, end: str) -> bytes:
    """Return 1 for each minute that is legal in every zone."""
    columns = [int.from_bytes(legal_minutes(zone, start, end), "big") for zone in zones]
    common = columns[0]
    for column in columns[1:]:
        common &= column
    return common.to_bytes(MINUTES, "big")


def judged(lists, at, hours, **send):
    """Return the violations of a send with these candidate zones; `at` is its notBefore."""
    of_send = replace(
        a_send(None),
        purpose=Purpose.MARKETING,
        not_before=at,
        locations=Locations(Location("specs/campaigns/sale.yaml")),
        **send,
    )
    facts = AudienceFacts(sum(lists.values()), (b"",), None, zones=ZoneFacts(lists))
    checked_send = CheckedSend(of_send, facts, None, compare(of_send, facts, None))
    settings = {"quiet-hours": RuleSetting(options=dict(zip(("from", "to"), hours, strict=True)))}
    project = replace(CONTEXT.project, rules=settings)
    return list(
        RULE.check_send(checked_send, replace(CONTEXT, project=project, now=YEAR - timedelta(days=9)))
    )


def random_list(chance: random.Random) -> dict[tuple[str, ...], int]:
    """Return candidate zones with counts: mostly of one continent, as lists are."""
    near = chance.sample(ZONES, chance.choice([1, 1, 2, 3, 6]))
    pool: Sequence[str] = near if chance.random() < 0.5 else ZONES[: chance.choice([5, 8])]
    sets = (tuple(sorted(chance.sample(pool, min(len(pool), chance.choice([1, 1, 2, 3]))))) for _ in range(4))
    return {zones: chance.randrange(1, 1000) for zones in sets}


def random_instant(chance: random.Random) -> int:
    """Return a minute of the year, often on a day on which clocks change."""
    if chance.random() < 0.5:
        return int((chance.choice(CHANGES) - YEAR).total_seconds() // 60) + chance.randrange(-720, 2160)
    return chance.randrange(360 * 1440)


@pytest.mark.parametrize("first", range(0, 500, 100))
def test_the_verdict_is_that_of_every_minute(first):
    """For random lists, instants and hours: the verdict, the count, and the next time in the hint."""
    for seed in range(first, first + 100):
        chance = random.Random(seed)  # noqa: S311 - the same lists each time
        lists, hours, minute = random_list(chance), chance.choice(HOURS), random_instant(chance)
        every = frozenset(zone for zones in lists for zone in zones)
        at, second = YEAR + timedelta(minutes=minute), chance.randrange(60)
        violations = judged(lists, at + timedelta(seconds=second), hours)
        common = all_legal(every, *hours)
        if common[minute]:
            assert violations == [], seed
            continue
        [violation] = violations
        assert (violation.reason, violation.level) == ("start", None), seed
        quiet = sum(
            count for zones, count in lists.items() if not all_legal(frozenset(zones), *hours)[minute]
        )
        total = sum(lists.values())
        assert f"of {quiet:,} of {total:,} recip" in violation.message or quiet == total, seed
        following = common.find(b"\x01", minute, minute + 7 * 1440)
        if following < 0:
            assert "no time" in violation.hint, seed
        else:
            shown = (YEAR + timedelta(minutes=following)).isoformat()
            assert violation.hint.startswith(f"write {shown}, "), seed


@pytest.mark.parametrize(
    ("country", "hour", "shown"),
    [("AU", 16, "Australia/Sydney 03:00"), ("US", 9, "Pacific/Honolulu 23:00"), ("RU", 1, "Europe/Moscow")],
)
def test_the_zone_of_a_finding_is_a_known_one(country, hour, shown):
    """Of the zones that a number may have, the finding names a populous one with quiet hours."""
    [violation] = judged({zones_of_country(country): 1}, YEAR + timedelta(hours=hour), ("21:00", "08:00"))
    assert shown in violation.message


def test_a_split_has_a_common_time_in_each_group():
    """The hint has groups of zones with a common legal time; the zones of one recipient stay together."""
    lists = {
        ("America/New_York",): 5,
        ("America/Chicago", "America/New_York"): 2,
        ("Asia/Tokyo",): 3,
        ("Europe/London",): 1,
    }
    [violation] = judged(lists, YEAR + timedelta(hours=3), ("21:00", "08:00"))
    assert violation.hint == (
        "split the send by time zone, because no time is legal for all: "
        "America/Chicago, America/New_York, Europe/London; Asia/Tokyo"
    )
    zones = ("America/New_York", "Asia/Tokyo", "Europe/London")
    [violation] = judged({zones: 1}, YEAR, ("21:00", "08:00"))
    assert violation.hint.startswith("split the send, or shorten its quiet hours: no time")


@pytest.mark.parametrize(
    ("seconds_before", "requests", "concurrency", "reasons"),
    [
        pytest.param(1, 1, 1, [], id="one request"),
        pytest.param(1, 2, 1, ["end"], id="the second one is late"),
        pytest.param(1, 2, 2, [], id="two in parallel"),
        pytest.param(10, 100, 10, [], id="the last ten in time"),
        pytest.param(10, 101, 10, ["end"], id="one more"),
        pytest.param(0, 1, 10, ["start"], id="the first quiet second"),
    ],
)
def test_the_end_is_judged_by_the_rate_of_the_target(seconds_before, requests, concurrency, reasons):
    """A request takes about a second, and the target sends some of them in parallel."""
    start = datetime(2027, 1, 5, 21, tzinfo=time_zone("America/New_York")) - timedelta(seconds=seconds_before)
    send = replace(a_send(None), purpose=Purpose.MARKETING, not_before=start)
    facts = AudienceFacts(
        requests * 1000, (b"",) * requests, None, zones=ZoneFacts({("America/New_York",): requests * 1000})
    )
    checked_send = CheckedSend(send, facts, None, compare(send, facts, None))
    context = replace(CONTEXT, target=replace(CONTEXT.target, concurrency=concurrency))
    assert [violation.reason for violation in RULE.check_send(checked_send, context)] == reasons


def test_a_window_that_ends_before_the_quiet_hours_is_legal():
    """Apply sends nothing after notAfter, so the last requests do not reach the quiet hours."""
    start = datetime(2027, 1, 5, 20, 59, tzinfo=time_zone("America/New_York"))
    for minutes, reasons in ((0.5, []), (2, ["end"])):
        send = replace(
            a_send(None),
            purpose=Purpose.MARKETING,
            not_before=start,
            not_after=start + timedelta(minutes=minutes),
        )
        zones = ZoneFacts({("America/New_York",): 9})
        facts = AudienceFacts(100_000, (b"",) * 100, None, zones=zones)
        checked_send = CheckedSend(send, facts, None, compare(send, facts, None))
        context = replace(CONTEXT, target=replace(CONTEXT.target, concurrency=1))
        assert [violation.reason for violation in RULE.check_send(checked_send, context)] == reasons


def test_the_present_time_is_judged_only_if_apply_could_send_to_people():
    """On a sandbox, and without a ledger, an immediate send has no finding at any hour."""
    night = datetime(2027, 1, 5, 4, tzinfo=UTC)
    send = replace(a_send(None), purpose=Purpose.MARKETING)
    facts = AudienceFacts(1, (b"",), None, zones=ZoneFacts({("America/New_York",): 1}))
    checked_send = CheckedSend(send, facts, None, compare(send, facts, None))
    real = Target("production", "https://api-campaign-us-1.goacoustic.com")
    contexts = {
        "sandbox": replace(CONTEXT, now=night),
        "offline": replace(CONTEXT, now=night, target=real, offline=True),
        "real": replace(CONTEXT, now=night, target=real),
    }
    found = {name: list(RULE.check_send(checked_send, context)) for name, context in contexts.items()}
    assert [name for name, violations in found.items() if violations] == ["real"]
    assert found["real"][0].level is Level.WARNING


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ('from: "9:00"', "option 'from' of rule quiet-hours must be a time of day such as \"21:00\""),
        ('to: "24:00"', "option 'to' of rule quiet-hours must be a time of day such as \"21:00\""),
        ("from: 21", "option 'from' of rule quiet-hours must be a time of day such as \"21:00\""),
        ('to: "21:00"', "the quiet hours start and end at the same time"),
        (
            "purposes: []",
            PURPOSES,
        ),
        (
            "purposes: [ads]",
            PURPOSES,
        ),
    ],
)
def test_an_invalid_option_is_a_problem(options, message, tmp_path):
    """Each is reported at the rule in sendspec.yaml."""
    campaign = (CASES / "quiet-hours" / "good" / "campaigns" / "case.yaml").read_text(encoding="utf-8")
    settings = f"rules: {{quiet-hours: {{{options}}}}}\n"
    with pytest.raises(SpecError) as raised:
        check_folder(write_project(tmp_path / "specs", campaign, settings))
    assert [problem.message for problem in raised.value.problems] == [message]


@pytest.mark.parametrize("year", [9989, 9990, 9991, 9999])
def test_dates_at_the_end_of_the_calendar_are_no_error(year):
    """Local times after the year 9999 cannot be represented, so the rule does not judge such dates."""
    at = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    lists = {("America/Adak",): 1, ("Pacific/Kiritimati",): 1}
    reasons = [violation.reason for violation in judged(lists, at, ("21:00", "16:00"))]
    assert reasons == (["start"] if year <= 9990 else [])


def test_a_declared_zone_is_judged_for_a_list():
    """A declared zone narrows the candidates of a number that may be in it."""
    lists = {("America/Chicago", "America/New_York"): 3}
    at = datetime(2027, 1, 5, 8, 30, tzinfo=time_zone("America/New_York"))
    assert [violation.reason for violation in judged(lists, at, ("21:00", "08:00"))] == ["start"]
    narrowed = Audience(timezones=("America/New_York",))
    assert judged(lists, at, ("21:00", "08:00"), audience=narrowed) == []
