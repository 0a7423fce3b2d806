"""What needs a person: sends that were not sent, unknown outcomes, jobs at the vendor, open deliveries."""

from sendspec.watch.decide import watch_ledger, watch_plan
from sendspec.watch.items import WatchItem, WatchLimits, WatchReason, WatchResult

__all__ = ["WatchItem", "WatchLimits", "WatchReason", "WatchResult", "watch_ledger", "watch_plan"]
