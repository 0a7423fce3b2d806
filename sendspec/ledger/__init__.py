"""The durable record of intents and outcomes, on which at-most-once rests."""

from sendspec.ledger.interface import Ledger, LedgerSession
from sendspec.ledger.journal_entries import (
    Delivered,
    Entry,
    Intent,
    Moved,
    RevisionStarted,
    Settled,
    Stopped,
)

__all__ = [
    "Delivered",
    "Entry",
    "Intent",
    "Ledger",
    "LedgerSession",
    "Moved",
    "RevisionStarted",
    "Settled",
    "Stopped",
]
