"""The durable record of intents and outcomes, on which at-most-once rests."""

from sendspec.ledger.entries import Delivered, Entry, Intent, RevisionStarted, Settled
from sendspec.ledger.interface import Ledger, LedgerSession

__all__ = ["Delivered", "Entry", "Intent", "Ledger", "LedgerSession", "RevisionStarted", "Settled"]
