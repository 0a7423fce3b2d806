"""The decision what needs a person, from a plan, the ledger, dates of campaign files and the clock alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.model import PlannedSend, Sign
from sendspec.plan import blocking_findings
from sendspec.structs import replace
from sendspec.watch.items import BranchState, WatchItem, WatchReason, WatchResult
from sendspec.watch.request_items import job_items, unknown_item, unsettled_items
from sendspec.watch.send_items import last_instant, send_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sendspec.model import Action, FileDate, LedgerState, Plan
    from sendspec.watch.items import BranchCheck, WatchLimits

_ORDER: Final = {reason: index for index, reason in enumerate(WatchReason)}


def watch_plan(
    plan: Plan,
    merged: Mapping[str, FileDate],
    limits: WatchLimits,
    now: datetime,
    *,
    waits_for_hours: bool,
) -> WatchResult:
    """Return what needs a person at `now` (aware), the most urgent first.

    `plan` covers the whole project. `merged` has for each campaign when its file got its present content.
    With `waits_for_hours`, apply posts only in legal hours, as for a real target.
    """
    blocking = blocking_findings(plan)
    items: list[WatchItem] = []
    for action in plan.actions:
        until = None
        if isinstance(action, PlannedSend):
            until = last_instant(action, waits_for_hours=waits_for_hours, now=now)
            item = send_item(
                action,
                merged.get(action.send.campaign),
                blocking=blocking,
                waits_for_hours=waits_for_hours,
                limits=limits,
                now=now,
            )
            items += [item] if item is not None else []
        items += _record_items(action, until, limits, now)
    return WatchResult(plan.target, now, _sorted(items))


def watch_ledger(
    target: str, ledger: LedgerState, problems: int, limits: WatchLimits, now: datetime
) -> WatchResult:
    """Return what needs a person at `now` (aware) if the specs have `problems`, so that no plan exists.

    Only the ledger is known then: without the specs, no job at the vendor is wrong.
    """
    items = [WatchItem(WatchReason.PLAN_FAILED, problems=problems)]
    for address, record in ledger.sends.items():
        unknown = unknown_item(address, record, None, limits, now)
        items += [unknown] if unknown is not None else []
        items += unsettled_items(address, record, limits, now)
    return WatchResult(target, now, _sorted(items))


def with_branch(result: WatchResult, check: BranchCheck | None) -> WatchResult:
    """Return the result with the protection of the ledger branch, and an item if it lacks some."""
    items = result.items
    if check is not None and check.state is BranchState.UNPROTECTED:
        items = (*items, WatchItem(WatchReason.BRANCH_UNPROTECTED, branch=check))
    return replace(result, items=_sorted(items), branch=check)


def _record_items(
    action: Action, until: datetime | None, limits: WatchLimits, now: datetime
) -> Iterator[WatchItem]:
    if action.record is None:
        return
    revision, edited = None, False
    if isinstance(action, PlannedSend):
        revision, edited = action.send.revision, action.sign is Sign.EDITED
    yield from job_items(action.address, action.record, revision, is_edited=edited, limits=limits, now=now)
    unknown = unknown_item(action.address, action.record, until, limits, now)
    if unknown is not None:
        yield unknown
    yield from unsettled_items(action.address, action.record, limits, now)


def _sorted(items: Iterable[WatchItem]) -> tuple[WatchItem, ...]:
    """Return items with the closing ones first, then by reason, age and address."""

    def key(item: WatchItem) -> tuple[bool, int, float, str]:
        since = item.since.timestamp() if item.since is not None else 0.0
        return (not item.is_closing, _ORDER[item.reason], since, item.address or "")

    return tuple(sorted(items, key=key))
