"""What the ledger knows, and what an attempt came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sendspec.model.reasons import SettledBy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sendspec.model.endpoints import Endpoint
    from sendspec.model.reasons import OutcomeReason

CONTACTS_PER_REQUEST: Final = 1000
"""The most contacts one request may carry, as the API documents it."""


class RequestState(StrEnum):
    """What the ledger knows of one request."""

    INTENT = "intent"
    SENT = "sent"
    NOT_SENT = "not-sent"
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        """Whether nobody knows, or does not yet, if the request was accepted."""
        return self in (RequestState.INTENT, RequestState.UNKNOWN)


class RequestKey(NamedTuple):
    """What makes two requests the same request within one target and account."""

    address: str
    revision: int
    batch: int

    def __str__(self) -> str:
        return request_name(self.address, self.revision, self.batch)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The answer of the status call for one transaction; `reasons` counts refusals by masked reason.

    `at` is when the vendor answered; None for a sum over several transactions.
    """

    total: int
    processed: int
    sent: int
    failed: int
    reasons: Mapping[str, int]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request in the ledger.

    `at` is aware. `reason` says why the state is what it is, `evidence` quotes the vendor, the system
    or the person, masked. `settled_by` is the source of the state.
    """

    batch: int
    state: RequestState
    at: datetime
    attempts: int = 1
    job_id: int | None = None
    transaction_id: str | None = None
    reason: OutcomeReason | None = None
    evidence: str | None = None
    settled_by: SettledBy = SettledBy.RUN
    run: str | None = None
    delivery: Delivery | None = None
    also_accepted: tuple[str, ...] = ()
    """Other ids under which the vendor accepted it: whatever was meant, it went out more than once."""

    @property
    def vendor_id(self) -> str | None:
        """The job or transaction id, None where none is known."""
        return self.transaction_id if self.job_id is None else str(self.job_id)


@dataclass(frozen=True, slots=True)
class Recipients:
    """How many recipients a send was fixed to, and the stretched digest that recognises them."""

    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class SendRecord:
    """One revision of one send in the ledger; `earlier` has the revisions before, newest first."""

    endpoint: Endpoint
    revision: int
    payload: Mapping[str, Any]
    payload_digest: str
    recipients: Recipients | None
    requests: tuple[RequestRecord, ...] = ()
    earlier: tuple[SendRecord, ...] = ()

    @property
    def expected_requests(self) -> int:
        """How many requests the whole send takes."""
        return 1 if self.recipients is None else requests_for(self.recipients.count)

    @property
    def revisions(self) -> tuple[SendRecord, ...]:
        """This revision and every earlier one, newest first."""
        return (self, *self.earlier)

    def request(self, batch: int) -> RequestRecord | None:
        """Find a request of this revision, None where the ledger has nothing of it."""
        return next((request for request in self.requests if request.batch == batch), None)

    @property
    def all_requests(self) -> tuple[RequestRecord, ...]:
        """The requests of this and of every earlier revision."""
        return tuple(request for record in self.revisions for request in record.requests)


@dataclass(frozen=True, slots=True)
class LedgerState:
    """Everything the ledger knows of one target, by address."""

    target: str
    account: str
    sends: Mapping[str, SendRecord] = field(default_factory=dict)
    serial: int = 0
    """How often the lockfile was written: of two, the one with less is the older."""

    def revision_of(self, key: RequestKey) -> SendRecord | None:
        """Find the revision that a request belongs to, None where the ledger has none of it."""
        latest = self.sends.get(key.address)
        revisions = latest.revisions if latest else ()
        return next((record for record in revisions if record.revision == key.revision), None)

    def request(self, key: RequestKey) -> RequestRecord | None:
        """Find a request, None where the ledger has nothing of it."""
        record = self.revision_of(key)
        return record.request(key.batch) if record else None


class Verdict(StrEnum):
    """What an answer, or its absence, means for the request that was posted."""

    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNSENT = "unsent"
    """No byte left this machine: may be tried again in this run."""
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - a verdict, not a secret
    BUSY = "busy"
    """The vendor refused because too many requests were under way."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one attempt, its reason and masked evidence, and the id of an accepted request."""

    verdict: Verdict
    reason: OutcomeReason
    evidence: str | None = None
    job_id: int | None = None
    transaction_id: str | None = None


def requests_for(recipients: int) -> int:
    """Return how many requests a number of recipients takes."""
    return -(-recipients // CONTACTS_PER_REQUEST)


def request_name(address: str, revision: int, batch: int) -> str:
    """Return `ADDRESS#BATCH`, and `ADDRESS@REVISION#BATCH` if the revision is above 1."""
    return f"{address}#{batch}" if revision == 1 else f"{address}@{revision}#{batch}"
