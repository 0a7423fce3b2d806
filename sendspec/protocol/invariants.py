"""Invariants of the machine, checked after every decision over the open requests only."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from sendspec.ledger import Intent, RevisionStarted, Settled
from sendspec.protocol.transitions import OPEN_STAGES, ProtocolDefect, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sendspec.ledger import Entry
    from sendspec.model import RequestKey
    from sendspec.protocol.request import Request


class Snapshot(NamedTuple):
    """State of a machine after a decision.

    `requests` has all requests and is only looked up by key; `stages` counts them by stage. `posts` is
    the number of posts that the decision contains, `limit` the most that may be in flight. `queued` are
    the entries that the ledger does not have yet. `started` are the sends whose header was queued.
    """

    requests: Mapping[RequestKey, Request]
    open: Mapping[RequestKey, Request]
    stages: Mapping[Stage, int]
    window: int
    limit: int
    posts: int
    queued: tuple[Entry, ...]
    started: frozenset[str] | set[str]
    recorded: int
    ledger_failed: bool
    finished: bool
    wakes: bool
    """Whether an append, an answer or a time to wake is to come."""


class BrokenInvariant(ProtocolDefect):
    """An invariant does not hold after a decision."""


def check_invariants(snapshot: Snapshot) -> None:
    """Check every invariant.

    Raises:
        BrokenInvariant: the first one that does not hold.
    """
    for invariant, holds in INVARIANTS.items():
        if not holds(snapshot):
            raise BrokenInvariant(f"this does not hold: {invariant}")


def _open_by_stage(snapshot: Snapshot) -> bool:
    stages = snapshot.stages
    counted = sum(stages.get(stage, 0) for stage in OPEN_STAGES) == len(snapshot.open)
    return counted and all(request.stage in OPEN_STAGES for request in snapshot.open.values())


def _within_window(snapshot: Snapshot) -> bool:
    return len(snapshot.open) <= snapshot.window


def _within_limit(snapshot: Snapshot) -> bool:
    # The limit may fall below the number in flight; only a new post must respect it.
    return not snapshot.posts or snapshot.stages.get(Stage.POSTING, 0) <= snapshot.limit


def _intent_first(snapshot: Snapshot) -> bool:
    return all(request.durable or request.stage is Stage.RECORDING for request in snapshot.open.values())


def _intents_queued(snapshot: Snapshot) -> bool:
    queued = {entry.key for entry in snapshot.queued if isinstance(entry, Intent)}
    recording = {key for key, request in snapshot.open.items() if request.stage is Stage.RECORDING}
    return queued == recording


def _in_plan_order(snapshot: Snapshot) -> bool:
    order = [snapshot.requests[entry.key].index for entry in snapshot.queued if isinstance(entry, Intent)]
    return all(before < after for before, after in pairwise(order))


def _header_first(snapshot: Snapshot) -> bool:
    intended: set[str] = set()
    for entry in snapshot.queued:
        if isinstance(entry, RevisionStarted) and entry.address in intended:
            return False
        if isinstance(entry, Intent):
            intended.add(entry.key.address)
            if snapshot.requests[entry.key].job.starts_revision and entry.key.address not in snapshot.started:
                return False
    return True


def _outcomes_queued(snapshot: Snapshot) -> bool:
    settled = snapshot.stages.get(Stage.SETTLED, 0)
    queued = sum(isinstance(entry, Settled) for entry in snapshot.queued)
    return snapshot.ledger_failed or settled == snapshot.recorded + queued


def _progresses(snapshot: Snapshot) -> bool:
    return snapshot.finished or snapshot.wakes


INVARIANTS: Final[Mapping[str, Callable[[Snapshot], bool]]] = {
    "a request is open exactly in the stages recording, ready and posting": _open_by_stage,
    "the window limits the open requests": _within_window,
    "the throttle limits the requests in flight": _within_limit,
    "a request that is ready or posting has a durable intent": _intent_first,
    "an intent is queued exactly while its request is recording": _intents_queued,
    "intents are queued in the order of the plan": _in_plan_order,
    "the header of a send is queued before its first intent": _header_first,
    "an outcome is recorded or queued, unless the ledger failed": _outcomes_queued,
    "a machine that is not finished waits for something": _progresses,
}
