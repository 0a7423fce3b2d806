"""What needs a person: sends that were not sent, unknown outcomes, jobs at the vendor, open deliveries."""

from sendspec.watch.decide import watch_ledger, watch_plan, with_branch
from sendspec.watch.items import (
    BranchCheck,
    BranchState,
    WatchItem,
    WatchLimits,
    WatchReason,
    WatchResult,
)

__all__ = [
    "BranchCheck",
    "BranchState",
    "WatchItem",
    "WatchLimits",
    "WatchReason",
    "WatchResult",
    "watch_ledger",
    "watch_plan",
    "with_branch",
]
