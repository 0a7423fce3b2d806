"""Owner, description and ticket of campaigns, which help a reviewer and are never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import CampaignNotes
from sendspec.report.escape import escape_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import Send


def noted_campaigns(sends: Iterable[Send]) -> list[tuple[str, CampaignNotes]]:
    """Return the campaigns of `sends` that have notes, by name, with their notes."""
    notes = {send.campaign: send.notes for send in sends if send.notes is not None}
    return [(name, notes[name]) for name in sorted(notes) if notes[name] != CampaignNotes()]


def campaign_line(name: str, notes: CampaignNotes) -> str:
    """Return the notes of a campaign on one line."""
    fields = (("owner", notes.owner), ("ticket", notes.ticket))
    parts = [f"{label} {' '.join(text.split())}" for label, text in fields if text]
    description = f": {' '.join(notes.description.split())}" if notes.description else ""
    labelled = f" ({', '.join(parts)})" if parts else ""
    return escape_text(f"{name}{description}{labelled}")
