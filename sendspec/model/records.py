"""Records of the ledger, and outcomes of attempts."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import astuple

from sendspec.model.reason_codes import SettledBy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sendspec.model.reason_codes import OutcomeReason
    from sendspec.model.send_endpoints import Endpoint

CONTACTS_PER_REQUEST: Final = 1000
"""The maximum number of contacts in one request, as the API documents it."""


VendorId = int | str
"""A job id (a number) or a transaction id (a string), which never equal each other."""


class RequestState(StrEnum):
    """The state of a request in the ledger."""

    INTENT = "intent"
    SENT = "sent"
    NOT_SENT = "not-sent"
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        """Whether it is not known yet, or will not be, if the vendor accepted the request."""
        return self in (RequestState.INTENT, RequestState.UNKNOWN)


class RequestKey(NamedTuple):
    """The identity of a request within one target and account."""

    address: str
    revision: int
    batch: int

    def __str__(self) -> str:
        return request_name(self.address, self.revision, self.batch)


class Delivery(Struct, frozen=True):
    """The answer of the status call for one transaction.

    `reasons` counts refusals by the codes of `DeliveryReason`. `at` is the time of the answer, None for
    a sum over several transactions.
    """

    total: int
    processed: int
    sent: int
    failed: int
    reasons: Mapping[str, int]
    at: datetime | None


class JobStop(Struct, frozen=True):
    """A person's statement that a send job was stopped at the vendor before its date.

    `jobs` are the ids that the ledger had then; an id that is found later is not stopped. `evidence` is
    the person's reason, masked.
    """

    at: datetime
    evidence: str
    jobs: tuple[str, ...] = ()


class RequestRecord(Struct, frozen=True, eq=False):
    """One request in the ledger.

    `at` is aware. `reason` is the code of the state, `evidence` quotes the vendor, the system or a
    person, masked. `settled_by` is the source of the state.
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
    """Other ids under which the vendor accepted it, so it was sent more than once."""
    stop: JobStop | None = None
    since: datetime | None = None
    """The time of the first intent of which the outcome is unknown, None if that is `at`."""
    seen_at: datetime | None = None
    """When this machine first saw the intent on a branch; not part of the ledger, so not compared. None in a
    file ledger, whose lock shows whether the run of the intent is active."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RequestRecord) and astuple(self)[:-1] == astuple(other)[:-1]

    def __ne__(self, other: object) -> bool:
        # Python would take that of `Struct`, which compares identities.
        return not self == other

    def __hash__(self) -> int:
        return hash(astuple(self)[:-1])

    @property
    def counts_from(self) -> datetime:
        """The time from which other runs wait for the run of an intent."""
        return self.at if self.seen_at is None else max(self.at, self.seen_at)

    @property
    def first_at(self) -> datetime:
        """The time of the first attempt that may have been accepted, if the request is open."""
        return self.at if self.since is None else self.since

    @property
    def is_stopped(self) -> bool:
        """Whether a person stopped every job of the request, so that it reached no recipient."""
        return self.stop is not None and set(map(str, self.vendor_ids)) <= set(self.stop.jobs)

    @property
    def vendor_id(self) -> str | None:
        """The job or transaction id, None if not known."""
        return self.transaction_id if self.job_id is None else str(self.job_id)

    @property
    def vendor_ids(self) -> tuple[VendorId, ...]:
        """Every id under which the vendor accepted it."""
        if self.job_id is None:
            return tuple(text for text in (self.transaction_id, *self.also_accepted) if text is not None)
        return (self.job_id, *map(int, self.also_accepted))


class Recipients(Struct, frozen=True):
    """The number of recipients that a send was fixed to, and their stretched digest.

    `salt` is the address in the digest, None if it is the current address of the send.
    """

    count: int
    digest: str
    salt: str | None = None


class SendRecord(Struct, frozen=True):
    """One revision of a send in the ledger; `earlier` has the revisions before it, newest first.

    `axes` are the names of the matrix axes, in the order of their values in the address. They are
    empty without a matrix, and in records of versions that used the order of the file.
    """

    endpoint: Endpoint
    revision: int
    payload: Mapping[str, Any]
    payload_digest: str
    recipients: Recipients | None
    requests: tuple[RequestRecord, ...] = ()
    earlier: tuple[SendRecord, ...] = ()
    axes: tuple[str, ...] = ()

    @property
    def expected_requests(self) -> int:
        """The number of requests of the whole send."""
        return 1 if self.recipients is None else requests_for(self.recipients.count)

    @property
    def revisions(self) -> tuple[SendRecord, ...]:
        """This revision and every earlier one, newest first."""
        return (self, *self.earlier)

    def request(self, batch: int) -> RequestRecord | None:
        """Return a request of this revision, None if the ledger does not have it."""
        return next((request for request in self.requests if request.batch == batch), None)

    @property
    def all_requests(self) -> tuple[RequestRecord, ...]:
        """The requests of this and of every earlier revision."""
        return (*self.requests, *[request for record in self.earlier for request in record.requests])

    @property
    def may_have_been_sent(self) -> bool:
        """Whether the vendor accepted, or may have accepted, a request of any revision."""
        return any(request.state is not RequestState.NOT_SENT for request in self.all_requests)


class VendorJob(NamedTuple):
    """A send job that the vendor has and starts at `due` (aware)."""

    revision: int
    request: RequestRecord
    due: datetime


class GroupDigests(Struct, frozen=True):
    """Joint stretched digests of the lists of finished sends; see `sendspec.finished_list_digests`.

    `digests` are by the name of the group. `changed` has the salts of the lists that differed from
    their records.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()


class Recall(Struct, frozen=True):
    """The requests that a ledger lacked and this machine knew; another history may be the cause."""

    requests: tuple[RequestKey, ...]
    other_history: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class LedgerState:
    """The records of one target, by address."""

    target: str
    account: str
    sends: Mapping[str, SendRecord] = dataclasses.field(default_factory=dict)
    serial: int = 0
    """The number of times that the lockfile was written, so the older of two has the lower one."""
    recall: Recall | None = None
    """What the memory of this machine added to these records."""
    moved: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The new address of each former one; a chain of several moves has one item for each."""
    groups: GroupDigests = dataclasses.field(default_factory=GroupDigests, compare=False)
    """A shortcut for comparisons; it states nothing that the records do not state."""

    def address_of(self, address: str) -> str:
        """Return the current address of a send, which is another one if it was moved."""
        for _ in self.moved:
            if address in self.sends or address not in self.moved:
                break
            address = self.moved[address]
        return address

    def record_of(self, address: str) -> SendRecord | None:
        """Return the record of a send by its current or a former address."""
        return self.sends.get(self.address_of(address))

    def revision_of(self, key: RequestKey) -> SendRecord | None:
        """Return the revision that a request belongs to, None if the ledger does not have it."""
        latest = self.record_of(key.address)
        revisions = latest.revisions if latest else ()
        return next((record for record in revisions if record.revision == key.revision), None)

    def vendor_ids(self) -> dict[VendorId, RequestKey]:
        """Return every id of an accepted request, with the request."""
        return {
            vendor_id: RequestKey(address, record.revision, request.batch)
            for address, latest in self.sends.items()
            for record in latest.revisions
            for request in record.requests
            for vendor_id in request.vendor_ids
        }

    def request(self, key: RequestKey) -> RequestRecord | None:
        """Return a request, None if the ledger does not have it."""
        record = self.revision_of(key)
        return record.request(key.batch) if record else None


class Verdict(StrEnum):
    """The meaning of an answer, or of its absence, for the request that was posted."""

    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNSENT = "unsent"
    """No byte left this machine, so this run may try again."""
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - a verdict, not a secret
    BUSY = "busy"
    """The vendor refused because too many requests were in progress."""


class Outcome(Struct, frozen=True):
    """The verdict on one attempt, its reason and masked evidence, and the id of an accepted request."""

    verdict: Verdict
    reason: OutcomeReason
    evidence: str | None = None
    job_id: int | None = None
    transaction_id: str | None = None

    @property
    def vendor_id(self) -> VendorId | None:
        """The job or transaction id of an accepted attempt."""
        return self.transaction_id if self.job_id is None else self.job_id


def requests_for(recipients: int) -> int:
    """Return the number of requests for a number of recipients."""
    return -(-recipients // CONTACTS_PER_REQUEST)


def request_name(address: str, revision: int, batch: int) -> str:
    """Return `ADDRESS#BATCH`, and `ADDRESS@REVISION#BATCH` if the revision is above 1."""
    return f"{address}#{batch}" if revision == 1 else f"{address}@{revision}#{batch}"
