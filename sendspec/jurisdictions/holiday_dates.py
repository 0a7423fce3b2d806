"""Public holidays, from the optional library `holidays`."""

from __future__ import annotations

import os
from datetime import date
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sendspec.phone import load_or_compile

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM: Final = 1
"""Version of the compiled form; raise it with every change of `_compiled`."""
_LIBRARY: Final = "holidays"


@lru_cache(256)
def holiday_dates(calendar: str, year: int) -> frozenset[date] | None:
    """Return the holidays of a calendar in a year, the one before and the one after; None if not known.

    A calendar is a country such as FR, or a state of it such as US-AL. A holiday that is observed on another
    day is on both days. Without the library, or in a year that it does not have, holidays are not known.
    """
    # The library loads all of its countries, which takes a sixth of the plan of a small project.
    found = load_or_compile(
        FORM, os.environ, lambda: _compiled(calendar, year), f"holidays-{calendar}-{year}", _version
    )
    dates = found["dates"]
    return None if dates is None else frozenset(map(date.fromisoformat, dates))


def _compiled(calendar: str, year: int) -> Mapping[str, Any]:
    try:
        from holidays import country_holidays  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        return {"dates": None}
    country, _, state = calendar.partition("-")
    found = country_holidays(country, subdiv=state or None, years=range(year - 1, year + 2))
    is_known = found.start_year <= year <= found.end_year
    return {"dates": sorted(day.isoformat() for day in found) if is_known else None}


@cache
def _version() -> str | None:
    """Return the version of the installed library, from the name of its metadata, which is slow to load."""
    spec = find_spec(_LIBRARY)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parents[1]
    found = sorted(path.name for path in folder.glob(f"{_LIBRARY}-*.dist-info"))
    return found[0].removesuffix(".dist-info").partition("-")[2] if len(found) == 1 else None
