"""What the machine is given, what it says to do, and what it says came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sendspec.formatting import whole_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sendspec.ledger import Entry
    from sendspec.model import Endpoint, OutcomeReason, RequestKey, RequestState, SendRecord


class Now(NamedTuple):
    """One reading of both clocks: `wall` (aware, UTC) for windows and records, `tick` for waiting."""

    wall: datetime
    tick: float

    @property
    def at(self) -> datetime:
        """The wall clock to the second, as the ledger stores it."""
        return whole_seconds(self.wall)


@dataclass(frozen=True, slots=True)
class Job:
    """The part of one send that this run is to post.

    `begins` says that the ledger does not yet hold `header` (its payload and recipients) for this
    revision; `attempts` counts the posts of earlier runs by batch, and `ambiguous` that one of them
    may have been accepted (contact-source only).
    """

    address: str
    endpoint: Endpoint
    header: SendRecord
    begins: bool
    batches: tuple[int, ...]
    attempts: Mapping[int, int]
    ambiguous: bool
    not_before: datetime | None
    not_after: datetime | None


class Record(NamedTuple):
    """Make these entries durable, then say so."""

    entries: tuple[Entry, ...]


class Post(NamedTuple):
    """Post this request; `repeated` tells that an earlier attempt may have been accepted."""

    key: RequestKey
    endpoint: Endpoint
    repeated: bool


class Tell(NamedTuple):
    """Tell the person watching what became of a request."""

    result: Result


Command = Record | Post | Tell


@dataclass(frozen=True, slots=True)
class Result:
    """What this run did about one request; `recorded` says whether the ledger holds it durably."""

    key: RequestKey
    endpoint: Endpoint
    state: RequestState
    reason: OutcomeReason
    attempts: int
    evidence: str | None = None
    job_id: int | None = None
    transaction_id: str | None = None
    recorded: bool = False
