"""The tz database of the package tzdata, which does not depend on the system."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import tzdata

from sendspec.data_rows import data_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE: Final = Path(tzdata.__file__).parent
_COMMENT: Final = "#"
_LINK: Final = "L "
_COUNTRY, _ZONE = 0, 2
"""Columns of zone.tab."""

_NON_PLACES: Final = ("Factory", "localtime", "posixrules")

_AREAS: Final = (
    *(
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Brazil",
        "Canada",
        "Chile",
    ),
    *("Etc", "Europe", "Indian", "Mexico", "Pacific", "US"),
)
_WITHOUT_AREA: Final = (
    *("CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT", "GMT0"),
    *("GMT\\+0", "GMT-0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan"),
    *("Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland"),
    *("Portugal", "ROC", "ROK", "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu"),
)
ZONE_PATTERN: Final = f"^(?:(?:{'|'.join(_AREAS)})/[A-Za-z0-9_+/-]+|{'|'.join(_WITHOUT_AREA)})$"
"""Regular expression of names of zones, for editors, in which the names of new places are valid too."""


@cache
def time_zone(name: str) -> ZoneInfo:
    """Return a zone by its IANA name, such as America/New_York; raise KeyError if it is unknown."""
    # ZoneInfo(name) would read the system's files first, which are older or missing on some machines.
    if not is_zone(name):
        raise KeyError(name)
    with (_PACKAGE / "zoneinfo" / name).open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


def is_zone(name: object) -> bool:
    """Return whether `name` is a zone of the tz database, a link to one included."""
    return isinstance(name, str) and name in zone_names()


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones and links of the tz database."""
    names = (_PACKAGE / "zones").read_text(encoding="utf-8").split()
    return frozenset(names).difference(_NON_PLACES)


def same_zone(name: str) -> str:
    """Return the zone that a name is a link to, such as America/New_York for US/Eastern, else the name."""
    return _links().get(name, name)


@cache
def _links() -> Mapping[str, str]:
    source = (_PACKAGE / "zoneinfo" / "tzdata.zi").read_text(encoding="utf-8")
    links = (line.split() for line in source.splitlines() if line.startswith(_LINK))
    return MappingProxyType({name: target for _, target, name in links})


def zones_of_places() -> tuple[str, ...]:
    """Return the zones that countries use, in alphabetical order, without the links to them."""
    return tuple(sorted({name for names in _zones_by_country().values() for name in names}))


def zones_of_country(country: str) -> tuple[str, ...]:
    """Return the zones of an ISO 3166 code in alphabetical order, none if the code is unknown.

    Source: zone.tab, which has the zones that each country uses; `other_countries.csv` adds the regions
    of phone numbers that it lacks.
    """
    return _zones_by_country().get(country, ())


@cache
def _zones_by_country() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {
        row["country"]: row["zones"].split() for row in data_rows("timezones/other_countries.csv")
    }
    table = (_PACKAGE / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith(_COMMENT):
            cells = line.split("\t")
            found.setdefault(cells[_COUNTRY], []).append(cells[_ZONE])
    return MappingProxyType({country: tuple(sorted(zones)) for country, zones in found.items()})
