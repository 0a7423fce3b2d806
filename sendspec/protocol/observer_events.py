"""Events that a run reports to its observers: the progress bar, the outcome log, the simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sendspec.model import Outcome, RequestKey
    from sendspec.protocol.types import Result


class RunStarted(Struct, frozen=True):
    """The machine has `requests` requests to send."""

    requests: int


class RequestIntended(Struct, frozen=True):
    """The next append records the intent of a request."""

    key: RequestKey


class IntentDurable(Struct, frozen=True):
    """The intent of a request is durable, so the request may be posted."""

    key: RequestKey


class RequestPosted(Struct, frozen=True):
    """A request is about to be posted; `attempt` counts the posts of all runs from 1."""

    key: RequestKey
    attempt: int
    repeated: bool


class RequestAnswered(Struct, frozen=True):
    """An attempt ended; another one may follow."""

    key: RequestKey
    outcome: Outcome


class RepetitionDelayed(Struct, frozen=True):
    """A request that may have been accepted is repeated at `until`, not before."""

    key: RequestKey
    until: datetime


class RunThrottled(Struct, frozen=True):
    """The vendor was busy, so at most `limit` requests may be in flight now."""

    limit: int


class LedgerConflicted(Struct, frozen=True):
    """Another run recorded a request of this run first."""


class RequestSettled(Struct, frozen=True):
    """The outcome of a request is known; it is not recorded yet."""

    result: Result


class RunEnded(Struct, frozen=True):
    """The machine has nothing left to do."""


Event = (
    RunStarted
    | RequestIntended
    | IntentDurable
    | RequestPosted
    | RequestAnswered
    | RepetitionDelayed
    | RunThrottled
    | LedgerConflicted
    | RequestSettled
    | RunEnded
)


class Observer(Protocol):
    """A reader of the events of a run, called in the thread that drives the machine."""

    def on_event(self, event: Event) -> None:
        """Read one event."""
        ...


class DelayObserver(Struct, frozen=True):
    """An observer that reads only which requests wait before they are repeated."""

    read: Callable[[RepetitionDelayed], None]

    def on_event(self, event: Event) -> None:
        """Read the delay of a repetition; ignore every other event."""
        if isinstance(event, RepetitionDelayed):
            self.read(event)


class SettledObserver(Struct, frozen=True):
    """An observer that reads only the results of settled requests."""

    read: Callable[[Result], None]

    def on_event(self, event: Event) -> None:
        """Read the result of a settled request; ignore every other event."""
        if isinstance(event, RequestSettled):
            self.read(event.result)
