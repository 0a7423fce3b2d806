"""Hours of marketing texts by jurisdiction, from `marketing_hours.csv`."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sendspec.data_rows import data_rows
from sendspec.jurisdictions.holiday_dates import holiday_dates
from sendspec.legal_hours import LegalHours, LegalWindow

if TYPE_CHECKING:
    from collections.abc import Mapping

_WEEKDAYS: Final = 5


class Basis(StrEnum):
    """What the hours of a jurisdiction are based on."""

    STATUTE = "statute"
    """A statute that covers texts."""
    CALLS = "calls"
    """A statute or regulation on marketing calls, which many senders apply to texts."""
    CARRIERS = "carriers"
    """A code of the carriers, which they enforce."""


class Jurisdiction(Struct, frozen=True):
    """The hours in which a country or a state allows marketing texts.

    `id` is its ISO 3166 code. `holidays` names the calendar of the days on which it allows none, '' without
    one.
    """

    id: str
    name: str
    week: tuple[tuple[LegalWindow, ...], ...]
    holidays: str
    basis: Basis
    source: str
    as_of: date

    def knows_holidays(self, year: int) -> bool:
        """Return whether its holidays around a year are known, or it has none."""
        return not self.holidays or holiday_dates(self.holidays, year) is not None

    def hours(self, year: int) -> LegalHours:
        """Return the legal hours; the holidays around `year` have none, if they are known."""
        return _legal_hours(self.week, self.holidays, year)


@cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """Return the jurisdictions with hours that are stricter than those of the whole country, by id."""
    return MappingProxyType(
        {row["jurisdiction"]: _jurisdiction(row) for row in data_rows("jurisdictions/marketing_hours.csv")}
    )


@lru_cache(256)
def _legal_hours(week: tuple[tuple[LegalWindow, ...], ...], holidays: str, year: int) -> LegalHours:
    closed = holiday_dates(holidays, year) if holidays else None
    return LegalHours(week, closed or frozenset())


def _jurisdiction(row: Mapping[str, str]) -> Jurisdiction:
    weekdays = _windows(row["weekdays"])
    return Jurisdiction(
        id=row["jurisdiction"],
        name=row["name"],
        week=(*[weekdays] * _WEEKDAYS, _windows(row["saturday"]), _windows(row["sunday"])),
        holidays=row["holidays"],
        basis=Basis(row["basis"]),
        source=row["source"],
        as_of=date.fromisoformat(row["as_of"]),
    )


def _windows(text: str) -> tuple[LegalWindow, ...]:
    """Return the windows of a day, such as `08:00-12:00 14:00-20:00`; none of an empty text."""
    return tuple(LegalWindow(*map(_minutes, window.split("-"))) for window in text.split())


def _minutes(text: str) -> int:
    at = time.fromisoformat(text)
    return at.hour * 60 + at.minute
