"""Jurisdictions: the hours in which each allows marketing texts, and the area codes of its numbers."""

from __future__ import annotations

from sendspec.jurisdictions.area_codes import (
    AreaCode,
    area_codes,
    count_area_codes,
    country_codes,
    may_be_in,
    prefix_of,
    zones_of,
)
from sendspec.jurisdictions.holiday_dates import holiday_dates
from sendspec.jurisdictions.marketing_hours import Basis, Jurisdiction, jurisdictions

__all__ = [
    "AreaCode",
    "Basis",
    "Jurisdiction",
    "area_codes",
    "count_area_codes",
    "country_codes",
    "holiday_dates",
    "jurisdictions",
    "may_be_in",
    "prefix_of",
    "zones_of",
]
