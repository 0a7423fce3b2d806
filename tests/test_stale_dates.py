# ruff: noqa: E501 - each table has a row of texts in one line
"""Stale dates: tables of texts in seven languages, read on Monday, 2026-06-01."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec.text_content import mask_tags, stale_dates

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GOOD = [
    line
    for line in (Path(__file__).parent / "texts" / "good.txt").read_text(encoding="utf-8").splitlines()
    if line[:2] in {"m ", "t "}
]

DEADLINES = [
    # en
    *(
        "Until May 30",
        "ends 31 May 2026",
        "Offer expires 05/30",
        "valid until 2026-05-31",
        "Save 20% by May 15th",
    ),
    *(
        "Sale ends Friday, May 29!",
        "Only until Sunday 31 May",
        "UNTIL MAY 30",
        "through April 12, 2026",
        "thru 5/30",
    ),
    *("Last day: 30 May", "until 05/30/26", "until 03/04/2026", "until 03/04", "from May 1 through May 30"),
    # fr
    *(
        "jusqu'au 30 mai",
        "jusqu\u2019au 31/05",
        "avant le 15 avril",
        "du 5 au 20 mai",
        "Jusqu'au samedi 30 mai",
    ),
    # de
    *(
        "bis 31.5.",
        "Nur bis 30.05.2026!",
        "bis zum 15. M\u00e4rz",
        "vom 1. bis 14. Mai",
        "bis 30.05.26",
        "endet am 31. Mai",
    ),
    # es
    *(
        "hasta el 30 de mayo",
        "hasta el 15 de abril",
        "antes del 20 de mayo",
        "del 5 al 20 de mayo",
        "vence el 31/05",
    ),
    # it
    *("fino al 30 maggio", "entro il 15 aprile", "dal 5 al 20 maggio", "scade il 31 maggio 2026"),
    # pt
    *("at\u00e9 30 de maio", "at\u00e9 31/05", "de 5 a 20 de maio", "v\u00e1lido at\u00e9 o dia 15 de abril"),
    # nl
    *("t/m 30 mei", "tot 15 april", "tot en met 31-05-2026", "van 5 t/m 20 mei"),
]
EVENTS = [
    *(
        "Party on Friday, 15 May, 8pm",
        "Join us May 20",
        "Doors open 9 May",
        "May 1-5 only",
        "Sat. May 30, 9am",
    ),
    *("le samedi 9 mai", "venez le 20 mai", "am Freitag, 15. Mai", "Fr, 15.5., 18 Uhr", "am 20. Mai"),
    *("el viernes 15 de mayo", "el 20 de mayo", "venerd\u00ec 15 maggio", "il 20 maggio"),
    *("sexta-feira, 15 de maio", "dia 20 de maio", "vrijdag 15 mei", "op 20 mei", "Opening: 2026-05-20"),
    *("Opening 20-May-2026", "Open day 2026/05/20", "15-May-2026 only"),
]
WEEKDAYS = {
    "Friday, 13 June": date(2026, 6, 13),
    "Fri June 13, 9am": date(2026, 6, 13),
    "Sunday the 13th of June 2026": date(2026, 6, 13),
    "Mon 6/2/2026": date(2026, 6, 2),
    "vendredi 13 juin": date(2026, 6, 13),
    "mar. 10 juin 2026": date(2026, 6, 10),
    "Freitag, den 13. Juni": date(2026, 6, 13),
    "Fr, 13.6., 18 Uhr": date(2026, 6, 13),
    "viernes 13 de junio": date(2026, 6, 13),
    "domingo, 13 de junio": date(2026, 6, 13),
    "venerd\u00ec 13 giugno": date(2026, 6, 13),
    "sexta-feira, 13 de junho": date(2026, 6, 13),
    "vrijdag 13 juni": date(2026, 6, 13),
    "Friday, 12 March 2026": date(2026, 3, 12),
    "nur bis Samstag, 12. Juni": date(2026, 6, 12),
    "fino a sabato 12 giugno": date(2026, 6, 12),
    "jusqu'au samedi 12 juin": date(2026, 6, 12),
    "open on Sunday 12 June": date(2026, 6, 12),
    "Music & Sunday 12 June": date(2026, 6, 12),
    "June 13 (Fri)": date(2026, 6, 13),
    "13. Juni 2026 (Fr.)": date(2026, 6, 13),
    "until 6/13 (Sunday)": date(2026, 6, 13),
}
CURRENT = [
    # today, and dates to come, with their weekdays
    *(
        "until June 1",
        "Monday, 1 June",
        "Saturday, June 13",
        "Fr, 12.6.",
    ),
    *(
        "until 30 June",
        "bis 31.12.",
        "until 11/30",
        "le 3 juillet",
        "until 12/31",
        "jusqu'au 30/11",
        "until 12/12",
    ),
    *(
        "samedi 13 juin",
        "mar 9 giugno",
        "mar. 9 juin",
        "s\u00e1bado 13 de junio",
        "Sat & Sun, 13-14 June",
        "Fri-Sun 12-14 June",
    ),
    *("Happy holidays until Jan 6", "Save the date: 24 December", "Book by January 31, 2027", "29 February"),
    # two readings
    *("until 06/05", "until 05/06"),
    # starts of ranges, and the past
    *(
        "from May 1 to June 30",
        "since May 20",
        "vom 1.5. bis 30.6.",
        "du 5 mai au 30 juin",
        "dal 5 maggio al 30 giugno",
    ),
    *(
        "del 5 de mayo al 30 de junio",
        "van 5 mei t/m 30 juni",
        "Thanks for your visit on May 20",
        "Seit 1. Mai",
    ),
    *(
        "The sale was extended; it had ended May 20",
        "Danke f\u00fcr Ihren Besuch am 20. Mai",
        "May 20 - June 5",
    ),
    # other numbers
    *(
        "Open 24/7",
        "24/7 until late",
        "1/2 price",
        "50/50",
        "9/10 customers",
        "by 3/4 cup",
        "v3.5.2",
        "at 12.30",
        "Rated 4.8/5",
    ),
    *(
        "You may 5x your points",
        "May 5 points be yours",
        "3 Mars bars for $2",
        "2 mayo jars",
        "12 marco polo",
        "March 100 miles",
    ),
    *(
        "march 10 miles",
        "3 out of 4",
        "20 sept",
        "Top 10 may vary",
        "5.2.1 is out",
        "Sec. 3.5. applies",
        "Flat 12/3, Oak Rd",
    ),
    *(
        "Only $5.30. Buy 2",
        "10.5. liter",
        "Ab 12.5. Stock",
        "call 555-0100",
        "https://acme.com/2026-05-01/x",
        "31 mayflies",
    ),
    *(
        "acme.com/until/05/30",
        "code MAY20",
        "May 20%",
        "Jan 2 weeks off",
        "32 May",
        "Nov 20 items",
    ),
    # words of the past after a date, and numbers that are names
    *(
        "Your payment due by 20 May is overdue",
        "The warranty until 20 May 2026 has ended",
        "Rechnung bis 20. Mai: \u00fcberf\u00e4llig",
        "jusqu'au 20 mai, d\u00e9pass\u00e9e",
        "Model 2026-05-20 rev B",
        "2026-05-20 edition",
        "Version: 20.5.2026",
        "Ref. 2026/05/20",
        "#2026-05-20",
    ),
    *("by Nov 31 stores are open", "20-May-rolls", "Sat/Sun, 12.6.", "Sat and Sun 13 June", "Fr.-So., 12.6."),
    *(
        "June 13 (Sat)",
        "13 juin (sam.)",
        "13.6.2026 (Sa)",
        "June 13 (Sat-Sun)",
        "June 13 (so hurry)",
        "29/2/2028",
    ),
    *("%%DATE%% until 5", "until %%DAY%% May", "Room 5/30", "so 12 March babies", "Size 05/30"),
]


def found(text: str, *, is_offer: bool = True, at: datetime = NOW) -> list[tuple[str, date]]:
    return [(stale.kind.value, stale.day) for stale in stale_dates(mask_tags(text), at, is_offer=is_offer)]


@pytest.mark.parametrize("text", DEADLINES)
def test_a_deadline_that_is_over_is_stale(text):
    """In seven languages, in offers and in other messages."""
    for is_offer in (True, False):
        [(kind, day)] = found(text, is_offer=is_offer)
        assert kind == "past"
        assert date(2026, 3, 1) < day < date(2026, 6, 1)


@pytest.mark.parametrize("text", EVENTS)
def test_a_day_of_an_offer_that_is_over_is_stale(text):
    """Other messages are often about days of the past."""
    [(kind, day)] = found(text)
    assert (kind, day.month) == ("past", 5)
    assert found(text, is_offer=False) == []


@pytest.mark.parametrize(("text", "day"), WEEKDAYS.items(), ids=WEEKDAYS)
def test_a_wrong_weekday_is_stale(text, day):
    """The day is on another weekday in each year that can be meant."""
    assert found(text) == found(text, is_offer=False) == [("weekday", day)]


@pytest.mark.parametrize(
    "text",
    [
        *("until 31 June", "31 Nov", "Feb 30, 2027", "Sale ends November 31!", "bis 31.11.", "until 11/31"),
        *("le 31 avril", "30 de febrero", "2026-06-31", "31-Nov-2026", "Feb 29, 2027", "until 31/11/2026"),
    ],
)
def test_a_date_that_the_calendar_does_not_have_is_impossible(text):
    """In each notation, also without a year, in offers and in other messages."""
    for is_offer in (True, False):
        [stale] = stale_dates(text, NOW, is_offer=is_offer)
        assert (stale.kind.value, stale.day) == ("impossible", None)


def test_the_second_weekday_of_a_list_is_checked():
    """A word before the sign is not a weekday, so the two are not a range."""
    [stale] = stale_dates("Fri 12 June & Sun 15 June", NOW, is_offer=True)
    assert (stale.kind.value, stale.day) == ("weekday", date(2026, 6, 15))


@pytest.mark.parametrize("text", CURRENT)
def test_an_unclear_or_later_date_is_not_stale(text):
    """Dates to come, two readings, starts of ranges, the past, and numbers that are not dates."""
    assert found(text) == []


@pytest.mark.parametrize("line", GOOD)
def test_a_believable_text_has_no_stale_date(line):
    """Offers, and messages that are about orders and visits of the past."""
    assert found(line[2:], is_offer=line.startswith("m ")) == []


MONTHS = {
    "{d} {m} {y}": "january february march april may june july august september october november december",
    "le {d} {m} {y}": "janvier f\u00e9vrier mars avril mai juin juillet ao\u00fbt septembre octobre novembre d\u00e9cembre",
    "{d}. {m} {y}": "Januar Februar M\u00e4rz April Mai Juni Juli August September Oktober November Dezember",
    "{d} de {m} de {y}": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "il {d} {m} {y}": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "dia {d} de {m} de {y}": "janeiro fevereiro mar\u00e7o abril maio junho julho agosto setembro outubro novembro dezembro",
    "op {d} {m} {y}": "januari februari maart april mei juni juli augustus september oktober november december",
}


@settings(max_examples=150)
@given(st.sampled_from(sorted(MONTHS)), st.dates(date(2026, 5, 10), date(2027, 5, 31)))
def test_a_day_with_its_year_is_stale_once_it_is_over_everywhere(form, day):
    """The last zone is 12 hours behind UTC: a day is over there at noon of the next day."""
    text = form.format(d=day.day, m=MONTHS[form].split()[day.month - 1], y=day.year)
    over = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=1)
    zone = timezone(timedelta(hours=13))
    assert found(text, at=(over - timedelta(seconds=1)).astimezone(zone)) == []
    assert found(text, at=over.astimezone(zone)) == [("past", day)]


@settings(max_examples=300)
@given(st.text(alphabet=" .,/-:0123456789abdeijlmnrtuyMJ\u00fc\u00e9\ufb01%"), st.integers(0, 30_000))
def test_no_text_makes_the_search_fail(text, days):
    """Parts are within the text, whatever it is."""
    for stale in stale_dates(text, NOW + timedelta(days), is_offer=True):
        assert 0 <= stale.start < stale.end <= len(text)
