"""Time zones: the pinned tz database, and the candidate zones of countries and of phone numbers."""

from __future__ import annotations

from sendspec.timezones.number_zones import NumberZones, number_zones
from sendspec.timezones.tz_database import (
    ZONE_PATTERN,
    is_zone,
    same_zone,
    time_zone,
    zones_of_country,
    zones_of_places,
)
from sendspec.timezones.zone_names import zone_name

__all__ = [
    "ZONE_PATTERN",
    "NumberZones",
    "is_zone",
    "number_zones",
    "same_zone",
    "time_zone",
    "zone_name",
    "zones_of_country",
    "zones_of_places",
]
