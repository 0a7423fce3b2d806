"""Facts about the time zones of an audience: how many recipients have which candidate zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendspec.model.number_facts import Occurrences

CandidateZones = tuple[str, ...]
"""The zones that a recipient may be in, as IANA names in alphabetical order; at least one."""


class ZoneFacts(Struct, frozen=True):
    """Candidate zones of the recipients; an instant is legal for them if it is legal in each zone.

    `counts` has the number of recipients with the same candidate zones, the largest first. Recipients
    without any are in `without_zone`: known by lookup only, or with a number without a country. A number
    that is not valid may be in neither. `unknown_names` are the recipients whose own time zone is not a
    zone of the tz database, so that their number decides. `has_unread_column` means that the list has a
    column whose name is that of time zones, but nothing maps it. `own` counts the recipients with a zone
    of their own by the prefix of a number with hours of its own, such as 1305 or 33, and by that zone.
    """

    counts: Mapping[CandidateZones, int] = field(default_factory=dict)
    without_zone: Occurrences | None = None
    unknown_names: Occurrences | None = None
    has_unread_column: bool = False
    own: Mapping[tuple[str, str], int] = field(default_factory=dict)
