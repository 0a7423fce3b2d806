"""Recipients with many segments: their count, and the places of the first ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import LOCATIONS_MAX, Occurrences

if TYPE_CHECKING:
    from collections.abc import Mapping


def above(limit: int, *by_segments: Mapping[int, Occurrences]) -> Occurrences | None:
    """Return the recipients with more segments than `limit`, None if there are none."""
    found = [each for part in by_segments for count, each in part.items() if count > limit]
    if not found:
        return None
    places = sorted(place for each in found for place in each.locations)
    return Occurrences(sum(each.count for each in found), tuple(places[:LOCATIONS_MAX]))
