"""Names of time zones as people say them, such as Eastern or Central Europe."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from sendspec.data_rows import data_rows
from sendspec.timezones.tz_database import same_zone

if TYPE_CHECKING:
    from collections.abc import Mapping


def zone_name(zone: str) -> str:
    """Return the usual name of a zone of the tz database, else its place, such as Buenos Aires.

    Zones with one usual name have the same local time at all times from 2026 on: Eastern is New York and
    Detroit, and not Panama. The data file has only zones of which the tz database says so.
    """
    names = _usual_names()
    return names.get(zone) or names.get(same_zone(zone)) or zone.rpartition("/")[2].replace("_", " ")


@cache
def _usual_names() -> Mapping[str, str]:
    return MappingProxyType({row["zone"]: row["name"] for row in data_rows("timezones/zone_names.csv")})
