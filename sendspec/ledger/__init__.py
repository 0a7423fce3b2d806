"""Where intents and outcomes are made durable: the memory that at-most-once rests on."""

from sendspec.ledger.entries import Delivered, Entry, Fixed, Intent, Settled
from sendspec.ledger.interface import Ledger, LedgerSession

__all__ = ["Delivered", "Entry", "Fixed", "Intent", "Ledger", "LedgerSession", "Settled"]
