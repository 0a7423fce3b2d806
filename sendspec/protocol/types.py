"""Data of the machine: the jobs it gets, the commands it returns, and the results."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sendspec.formatting import whole_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sendspec.clocks import Deadline
    from sendspec.ledger import Entry
    from sendspec.legal_hours import Interval
    from sendspec.model import Endpoint, OutcomeReason, RequestKey, RequestState, SendRecord


class Now(NamedTuple):
    """One reading of both clocks; see `sendspec.clocks.Clock`.

    `wall` (aware, UTC) is for windows and records, `tick` (elapsed seconds) for waiting.
    """

    wall: datetime
    tick: float

    @property
    def at(self) -> datetime:
        """The wall clock to the second, as the ledger stores it."""
        return whole_seconds(self.wall)


class Job(Struct, frozen=True):
    """The requests of one send that this run posts.

    `starts_revision` says that the ledger does not have `header` (payload, recipients) of the revision.
    `attempts` counts the posts of earlier runs by batch. `ambiguous` says that the vendor may have
    accepted one of them (contact-source only), `since` is the time of the first such one, and `repeat_from`
    the earliest time of the next one. `legal` is the time in which its recipients may get texts, None if no
    rule limits it.
    """

    address: str
    endpoint: Endpoint
    header: SendRecord
    starts_revision: bool
    batches: tuple[int, ...]
    attempts: Mapping[int, int]
    ambiguous: bool
    not_before: datetime | None
    not_after: datetime | None
    since: datetime | None = None
    repeat_from: datetime | None = None
    legal: Interval | None = None


class Record(NamedTuple):
    """Make these entries durable."""

    entries: tuple[Entry, ...]


class Post(NamedTuple):
    """Post this request; `repeated` says that the vendor may have accepted an earlier attempt.

    The first byte must not leave at `latest` or later, because this process may be suspended at any time.
    """

    key: RequestKey
    endpoint: Endpoint
    repeated: bool
    latest: Deadline


Command = Record | Post


class Result(Struct, frozen=True):
    """The outcome of one request in this run; `recorded` says whether it is durable in the ledger."""

    key: RequestKey
    endpoint: Endpoint
    state: RequestState
    reason: OutcomeReason
    attempts: int
    evidence: str | None = None
    job_id: int | None = None
    transaction_id: str | None = None
    recorded: bool = False
    since: datetime | None = None
    """The first intent of which the outcome is unknown; None if it is known."""
