"""Events that a run reports to its observers: the progress bar, the outcome log, the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sendspec.model import Outcome, RequestKey
    from sendspec.protocol.types import Result


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The machine has `requests` requests to send."""

    requests: int


@dataclass(frozen=True, slots=True)
class RequestIntended:
    """The next append records the intent of a request."""

    key: RequestKey


@dataclass(frozen=True, slots=True)
class IntentDurable:
    """The intent of a request is durable, so the request may be posted."""

    key: RequestKey


@dataclass(frozen=True, slots=True)
class RequestPosted:
    """A request is about to be posted; `attempt` counts the posts of all runs from 1."""

    key: RequestKey
    attempt: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class RequestAnswered:
    """An attempt ended; another one may follow."""

    key: RequestKey
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RepetitionDelayed:
    """A request that may have been accepted is repeated at `until`, not before."""

    key: RequestKey
    until: datetime


@dataclass(frozen=True, slots=True)
class RunThrottled:
    """The vendor was busy, so at most `limit` requests may be in flight now."""

    limit: int


@dataclass(frozen=True, slots=True)
class LedgerConflicted:
    """Another run recorded a request of this run first."""


@dataclass(frozen=True, slots=True)
class RequestSettled:
    """The outcome of a request is known; it is not recorded yet."""

    result: Result


@dataclass(frozen=True, slots=True)
class RunEnded:
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


@dataclass(frozen=True, slots=True)
class DelayObserver:
    """An observer that reads only which requests wait before they are repeated."""

    read: Callable[[RepetitionDelayed], None]

    def on_event(self, event: Event) -> None:
        """Read the delay of a repetition; ignore every other event."""
        if isinstance(event, RepetitionDelayed):
            self.read(event)


@dataclass(frozen=True, slots=True)
class SettledObserver:
    """An observer that reads only the results of settled requests."""

    read: Callable[[Result], None]

    def on_event(self, event: Event) -> None:
        """Read the result of a settled request; ignore every other event."""
        if isinstance(event, RequestSettled):
            self.read(event.result)
