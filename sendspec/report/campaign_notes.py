"""Owner, description and ticket of campaigns, which help a reviewer and are never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendspec.model import CampaignNotes
from sendspec.redact import mask_note
from sendspec.report.escape.plain import escape_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sendspec.model import Send


def noted_campaigns(sends: Iterable[Send]) -> list[tuple[str, CampaignNotes]]:
    """Return the campaigns of `sends` that have notes, by name, with their notes without phone numbers."""
    notes = {send.campaign: send.notes for send in sends if send.notes is not None}
    return [(name, _masked(notes[name])) for name in sorted(notes) if notes[name] != CampaignNotes()]


def _masked(notes: CampaignNotes) -> CampaignNotes:
    """Return the notes with masked phone numbers, because a plan is read by more people than its specs."""
    return CampaignNotes(
        owner=notes.owner and mask_note(notes.owner),
        description=notes.description and mask_note(notes.description),
        # A ticket of digits only is an id.
        ticket=notes.ticket and (notes.ticket if notes.ticket.isdecimal() else mask_note(notes.ticket)),
    )


def campaign_line(name: str, notes: CampaignNotes) -> str:
    """Return the notes of a campaign on one line."""
    fields = (("owner", notes.owner), ("ticket", notes.ticket))
    parts = [f"{label} {' '.join(text.split())}" for label, text in fields if text]
    description = f": {' '.join(notes.description.split())}" if notes.description else ""
    labelled = f" ({', '.join(parts)})" if parts else ""
    return escape_text(f"{name}{description}{labelled}")
