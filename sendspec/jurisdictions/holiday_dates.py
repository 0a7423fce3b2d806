"""Public holidays, from the optional library `holidays`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@lru_cache(256)
def holiday_dates(calendar: str, year: int) -> frozenset[date] | None:
    """Return the holidays of a calendar in a year, the one before and the one after; None if not known.

    A calendar is a country such as FR, or a state of it such as US-AL. A holiday that is observed on another
    day is on both days. Without the library, or in a year that it does not have, holidays are not known.
    """
    try:
        from holidays import country_holidays  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        return None
    country, _, state = calendar.partition("-")
    found = country_holidays(country, subdiv=state or None, years=range(year - 1, year + 2))
    return frozenset(found) if found.start_year <= year <= found.end_year else None
