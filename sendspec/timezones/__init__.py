"""Time zones: the pinned tz database, and the candidate zones of countries and of phone numbers."""

from __future__ import annotations

from sendspec.timezones.number_zones import NumberZones, number_zones
from sendspec.timezones.tz_database import (
    is_zone,
    same_zone,
    time_zone,
    zones_of_country,
    zones_of_places,
)

__all__ = [
    "NumberZones",
    "is_zone",
    "number_zones",
    "same_zone",
    "time_zone",
    "zones_of_country",
    "zones_of_places",
]
