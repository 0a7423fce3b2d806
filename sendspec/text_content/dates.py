"""Dates in a text: those whose day and month are certain, with the words around them.

A date without a year, such as `12 March`, has none; a caller decides which one is meant. `03/04` has two
readings, unless one number is above 12. Numbers alone are a date only after a word such as until.
"""

from __future__ import annotations

import re
from datetime import date
from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct

from sendspec.joint_search import joint_search
from sendspec.lazy_pattern import lazy_pattern
from sendspec.text_content.folded_text import fold
from sendspec.text_content.links import links_in
from sendspec.text_content.tables import table
from sendspec.text_content.word_patterns import any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sendspec.text_content.folded_text import FoldedText

_NUMERIC: Final = (
    lazy_pattern(r"(?<![\w.,/#-])(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\w/-])"),
    lazy_pattern(r"(?<![\w.,/#-])(?P<year>20\d\d)/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?![\w/-])"),
    lazy_pattern(r"(?<![\w.,/-])(?P<day>\d{1,2})-(?P<month>\d{1,2})-(?P<year>20\d\d)(?![\w/-])"),
    lazy_pattern(
        r"(?<![\w.,/])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?:\s?(?P<year>20\d\d|\d\d(?![\d.:]))(?!\w))?(?!\d)"
    ),
    lazy_pattern(
        r"(?<![\w.,/$£€-])(?P<first>\d{1,2})/(?P<second>\d{1,2})(?:/(?P<year>20\d\d|\d\d))?(?![\w/%])(?!\.\d)"
    ),
)
_UNIT: Final = r"(?!\w|[,.]\d|:\d|\s?%|\s?[€$£]|\s?(?:am|pm|uhr|h|x|points?|days?|years?|items?)\b)"
_MONTHS: Final = 12
_DAYS: Final = 31
_SENTENCE_END: Final = lazy_pattern(r"[.!?]\s|\n")
_WORD: Final = lazy_pattern(r"[a-z']+")
_LAST_WORD: Final = lazy_pattern(r"([a-z]+)[ .:#]{1,3}$")
_NEXT_WORD: Final = lazy_pattern(r" ([a-z]+)")
_COUNTED: Final = lazy_pattern(r" [a-z]+s\b")
"""A plural, as in "by Nov 31 stores are open"."""
_HOURS: Final = ("24", "7")
_IS_RANGE: Final = lazy_pattern(
    r"\s?(?:[-\u2013\u2014]|to|bis|au|al|a|through|thru|until|t/m|tot)\s?", re.IGNORECASE
)
_WORDS_BEFORE: Final = 60
_WEEKDAY_BEFORE: Final = 32
_LEAD_BEFORE: Final = 28
"""Characters before a date in which the words about it can be."""
_BY: Final = lazy_pattern(r"(?<!\w)by $")


class Lead(Enum):
    """The word before a date: it ends something, starts something, or names a day."""

    DEADLINE = "deadline"
    START = "start"
    DAY = "day"
    NONE = "none"


class MonthDay(Struct, frozen=True):
    """A day without a year, or with one."""

    month: int
    day: int
    year: int | None


class TextDate(NamedTuple):
    """A date from `start` to `end` of a text, with its weekday (0 is Monday) if the text has it.

    `readings` are the days that it can be, none if the calendar does not have it. `is_past` means that words
    around it are about the past.
    """

    readings: tuple[MonthDay, ...]
    start: int
    end: int
    weekday: int | None
    lead: Lead
    is_past: bool


@lru_cache(maxsize=1024)
def dates_in(text: str) -> tuple[TextDate, ...]:
    """Return the dates of a text in which the names of tags are hidden, in their order."""
    folded = fold(text)
    if not _may_have_date()(folded.text):
        return ()
    links = [(link.start, link.end) for link in links_in(text)]
    dates: list[TextDate] = []
    taken = 0
    for start, end, readings in sorted(_matches(folded, text)):
        first = folded.offsets[start]
        if start < taken or any(begin <= first < stop for begin, stop in links):
            continue
        found = _with_words(folded, start, end, readings)
        if found is not None:
            taken = end
            if dates and _IS_RANGE.fullmatch(text, dates[-1].end, found.start):
                dates[-1] = dates[-1]._replace(lead=Lead.START)
            dates.append(found)
    return tuple(dates)


@cache
def _may_have_date() -> Callable[[str], bool]:
    """Return a search of a folded text for the core of each pattern of a date."""
    return joint_search(
        rf"\d(?:st|nd|rd|th|er|o|\.)?[ -]?(?:of |de |d')?(?:{any_of(_months())})",
        rf"(?:{any_of(_english_months())})\.? \d",
        r"\d[-/]\d|\d\.\s?\d",
    )


def _matches(folded: FoldedText, text: str) -> Iterator[tuple[int, int, tuple[MonthDay, ...]]]:
    plain = folded.text
    with_day_first = [match for match in _day_month().finditer(plain) if _is_clear(match, folded, text)]
    yield from (_named(match, int(match["day"])) for match in with_day_first)
    taken = {at for match in with_day_first for at in range(*match.span())}
    for match in _month_day().finditer(plain):
        starts_in_capitals = text[folded.offsets[match.start()]].isupper()
        if starts_in_capitals and taken.isdisjoint(range(*match.span())):
            yield _named(match, int(match["last"] or match["day"]))
    for pattern in _NUMERIC:
        for match in pattern.finditer(plain):
            yield match.start(), match.end(), tuple(_numeric_readings(match))


def _is_clear(match: re.Match[str], folded: FoldedText, text: str) -> bool:
    """Return whether a month is none of the words that mean something else in another language."""
    words = table("date_words")
    if match["of"] or match["year"]:
        return True
    if match["name"] in words["in capitals"]:
        return text[folded.offsets[match.start("name")]].isupper()
    before = folded.text[: match.start()].rstrip().rpartition(" ")[2].rstrip(",.")
    return match["name"] not in words["unclear"] or before in words["before unclear"] or before in _weekdays()


def _named(match: re.Match[str], day: int) -> tuple[int, int, tuple[MonthDay, ...]]:
    year = int(match["year"]) if match["year"] else None
    return match.start(), match.end(), (MonthDay(_months()[match["name"]], day, year),)


def _numeric_readings(match: re.Match[str]) -> Iterator[MonthDay]:
    groups = match.groupdict()
    year = int(groups["year"]) if groups["year"] else None
    if year is not None and year < 100:  # noqa: PLR2004 - two digits
        year += 2000
    if "first" not in groups:
        month, day = int(groups["month"]), int(groups["day"])
        # With dots, the month is first only in the US, and then the second number can be above 12.
        yield MonthDay(day, month, year) if month > _MONTHS else MonthDay(month, day, year)
    elif (groups["first"], groups["second"]) != _HOURS:
        first, second = int(groups["first"]), int(groups["second"])
        yield MonthDay(first, second, year)
        if first != second:
            yield MonthDay(second, first, year)


def _with_words(folded: FoldedText, start: int, end: int, readings: Iterable[MonthDay]) -> TextDate | None:
    """Return a date with the weekday and the word before it, None if it is not a date after all."""
    written = tuple(reading for reading in readings if _is_written_as_day(reading))
    possible = tuple(reading for reading in written if _exists(reading))
    before = folded.text[max(0, start - _WORDS_BEFORE) : start]
    weekday = _weekday_before().search(before, max(0, len(before) - _WEEKDAY_BEFORE))
    lead = _lead(before[: weekday.start()] if weekday else before)
    has_letters = any(map(str.isalpha, folded.text[start:end]))
    is_named = has_letters or all(reading.year for reading in written)
    is_sure = len(written) == 1 or not _BY.search(before)
    if not written or not (is_named or weekday or (lead is Lead.DEADLINE and is_sure)):
        return None
    if (not possible and _COUNTED.match(folded.text, end)) or (
        not has_letters and _is_name(folded, start, end)
    ):
        return None
    first = start - len(before) + weekday.start("name") if weekday else start
    later = None if weekday else _weekday_after().match(folded.text, end)
    named = None if weekday and weekday["range"] else weekday or later
    return TextDate(
        possible,
        *folded.span(first, later.end() if later else end),
        _weekdays()[named["name"]] if named else None,
        lead,
        _is_past(before, folded.text[end : end + _WORDS_BEFORE]),
    )


def _is_past(before: str, after: str) -> bool:
    """Return whether words of the same sentence are about the past."""
    words = table("date_words")
    sentence, rest = _SENTENCE_END.split(before)[-1], _SENTENCE_END.split(after)[0]
    return any(
        not set(_WORD.findall(part)).isdisjoint(past)
        for part, past in ((sentence, words["past"]), (rest, words["past after"]))
    )


def _is_name(folded: FoldedText, start: int, end: int) -> bool:
    """Return whether numbers are the name of a model or a version, not a date."""
    words = table("date_words")
    before = _LAST_WORD.search(folded.text, max(0, start - _WEEKDAY_BEFORE), start)
    after = _NEXT_WORD.match(folded.text, end)
    return (before is not None and before[1] in words["named by numbers"]) or (
        after is not None and after[1] in words["after such a name"]
    )


def _is_written_as_day(reading: MonthDay) -> bool:
    return 1 <= reading.month <= _MONTHS and 1 <= reading.day <= _DAYS


def _exists(reading: MonthDay) -> bool:
    try:
        date(reading.year or 2024, reading.month, reading.day)  # 2024 has a 29th of February.
    except ValueError:
        return False
    return True


def _lead(before: str) -> Lead:
    for lead, pattern in _leads().items():
        if pattern.search(before, max(0, len(before) - _LEAD_BEFORE)):
            return lead
    return Lead.NONE


@cache
def _leads() -> Mapping[Lead, re.Pattern[str]]:
    words = table("date_words")
    article = f"(?:(?:{any_of(words['articles'])}) )?"
    range_end = r"\d(?:st|nd|rd|th|\.)? ?(?:-|au|al|a|bis|bis zum|to|t/m|through|thru)"
    deadline = rf"(?:(?<!\w)(?:{any_of(_all(words['deadlines']))})|{range_end})"
    patterns = {
        Lead.DEADLINE: deadline,
        Lead.START: rf"(?<!\w)(?:{any_of(words['starts'])})",
        Lead.DAY: rf"(?<!\w)(?:{any_of(words['days'])})",
    }
    return {lead: re.compile(rf"{text}(?!\w):?\s?{article}$") for lead, text in patterns.items()}


@cache
def _day_month() -> re.Pattern[str]:
    names = any_of(_months())
    return re.compile(
        r"(?<![\w.,/$£€:])(?P<day>\d{1,2})(?:st|nd|rd|th|er|o|\.)?[ -]?(?P<of>of |de |d')?"
        rf"(?P<name>{names})\b(?!-(?!20\d\d\b))(?:(?:-|\.?,? ?(?:de |del |do )?)(?P<year>20\d\d)\b)?"
    )


@cache
def _month_day() -> re.Pattern[str]:
    names = any_of(_english_months())
    return re.compile(
        rf"(?<!\w)(?P<name>{names})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
        r"(?:\s?(?:-|to|through|thru|&|and)\s?(?P<last>\d{1,2})(?:st|nd|rd|th)?)?"
        rf"{_UNIT}(?:,? (?P<year>20\d\d)\b)?"
    )


@cache
def _weekday_before() -> re.Pattern[str]:
    words = table("date_words")
    full, short = (
        any_of(_split(_all(words["weekdays"]))),
        any_of(_split(words["weekdays before a comma or a period"])),
    )
    article = f"(?:(?:{any_of((*words['articles'], 'am', 'de'))}) )?"
    return re.compile(
        rf"(?P<range>(?<!\w)(?:{full}|{short})\.?\s?"
        r"(?:[-\u2013/&+]|to|and|thru|through|till|et|und|u\.?|bis|y|e|en|a|al|au|t/m|tot)\s?)?"
        rf"(?<!\w)(?P<name>(?:{full})(?=[., ])|(?:{short})(?=[.,]))[.,]{{0,2}} \(?{article}$"
    )


@cache
def _weekday_after() -> re.Pattern[str]:
    words = table("date_words")
    full, short = _split(_all(words["weekdays"])), _split(words["weekdays before a comma or a period"])
    return re.compile(rf" ?\((?P<name>{any_of((*full, *short))})\.?\)")


@cache
def _months() -> Mapping[str, int]:
    return _numbered(table("date_words")["months"].values(), 1)


def _english_months() -> list[str]:
    return _split(table("date_words")["months"]["en"])


@cache
def _weekdays() -> Mapping[str, int]:
    words = table("date_words")
    return _numbered((*words["weekdays"].values(), words["weekdays before a comma or a period"]), 0)


def _numbered(lists: Iterable[list[str]], first: int) -> Mapping[str, int]:
    return {name: at for names in lists for at, each in enumerate(names, first) for name in each.split()}


def _all(languages: Mapping[str, Any]) -> list[str]:
    return [word for words in languages.values() for word in words]


def _split(names: Iterable[str]) -> list[str]:
    return [name for each in names for name in each.split()]
