"""The delivery status of transactions: queries to the vendor until every transaction is settled."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self

from sendspec.acoustic import StatusAnswer
from sendspec.errors import VendorBusy, VendorError, VendorUnavailable
from sendspec.formatting import whole_seconds
from sendspec.ledger import Delivered
from sendspec.model import Delivery, RequestKey, RequestState, StatusReason, Verdict
from sendspec.parallel import DaemonThreadPool
from sendspec.protocol import Throttle
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sendspec.acoustic import FailedContact, NotFoundYet
    from sendspec.model import LedgerState


_POLL_SECONDS: Final = 0.5
"""The longest wait, because a signal that comes just before a wait is noticed when the wait ends."""


class Transaction(NamedTuple):
    """An accepted request by the vendor's id, and its delivery in the ledger."""

    key: RequestKey
    transaction_id: str
    recorded: Delivery | None = None


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """The status of a transaction; `delivery` is None until the vendor reports one.

    `detail` quotes the vendor, masked. `from_ledger` means that `delivery` is the recorded one.
    """

    transaction: Transaction
    reason: StatusReason
    delivery: Delivery | None = None
    failed: tuple[FailedContact, ...] = field(default=(), repr=False)
    detail: str = ""
    from_ledger: bool = False

    @property
    def settled(self) -> bool:
        """Whether the vendor has processed every contact."""
        return self.delivery is not None and self.delivery.processed >= self.delivery.total


class StatusClient(Protocol):
    """A client that queries the vendor."""

    def status(self, transaction_id: str) -> StatusAnswer | NotFoundYet:
        """Query a transaction once.

        Raises:
            VendorUnavailable: if a later query may succeed.
            VendorError: if the vendor refuses the query.
        """
        ...


def transactions(state: LedgerState) -> tuple[Transaction, ...]:
    """Return every transaction in the ledger, of all revisions, by address and batch."""
    return tuple(
        Transaction(
            RequestKey(address, revision.revision, request.batch), request.transaction_id, request.delivery
        )
        for address, record in sorted(state.sends.items())
        for revision in record.revisions
        for request in revision.requests
        if request.state is RequestState.SENT and request.transaction_id is not None
    )


class StatusBook:
    """The latest status of each transaction: the ledger's, replaced by the vendor's answers."""

    def __init__(self, tracked: Iterable[Transaction], *, ignore_ledger: bool) -> None:
        """Start with the deliveries in the ledger, or without any if `ignore_ledger`."""
        self._statuses = {
            transaction.key: _unqueried(transaction) if ignore_ledger else _recorded(transaction)
            for transaction in tracked
        }

    @property
    def statuses(self) -> tuple[TransactionStatus, ...]:
        """The status of every transaction, in the given order."""
        return tuple(self._statuses.values())

    @property
    def unsettled(self) -> tuple[Transaction, ...]:
        """The transactions that remain to be queried."""
        return tuple(status.transaction for status in self.statuses if not status.settled)

    @property
    def new_deliveries(self) -> tuple[Delivered, ...]:
        """The entries that the ledger does not have yet."""
        return tuple(
            Delivered(status.transaction.key, status.delivery)
            for status in self.statuses
            if status.delivery is not None and not status.from_ledger
        )

    def update(self, status: TransactionStatus) -> None:
        """Store a newer status; a status without a delivery keeps the earlier delivery."""
        before = self._statuses[status.transaction.key]
        if status.delivery is None and before.delivery is not None:
            status = replace(before, reason=status.reason, detail=status.detail)
        self._statuses[status.transaction.key] = status


def poll(  # noqa: PLR0913 - one parameter a setting of the loop
    client: StatusClient,
    unsettled: Sequence[Transaction],
    *,
    concurrency: int,
    timeout: float,
    interval: float,
    on_status: Callable[[TransactionStatus], None],
) -> None:
    """Query every transaction until all are settled or `timeout` seconds are over.

    At most `concurrency` queries run in parallel, fewer if the vendor is busy; `interval` seconds
    separate two rounds. Every transaction is queried at least once. The querying thread calls
    `on_status` as soon as it has an answer, so an interruption loses none.

    Raises:
        CredentialsError: if the vendor refuses the credentials.
    """
    deadline = time.monotonic() + timeout
    waiting = list(unsettled)
    with _QueryPool(client, on_status, concurrency) as pool:
        while waiting:
            statuses = pool.query(waiting)
            waiting = [
                status.transaction
                for status in statuses
                if not status.settled and status.reason is not StatusReason.REFUSED
            ]
            left = deadline - time.monotonic()
            if left <= 0:
                break
            if waiting:
                threading.Event().wait(min(interval, left))


def total_delivery(statuses: Iterable[TransactionStatus]) -> Delivery:
    """Return the sum of all deliveries."""
    deliveries = [status.delivery for status in statuses if status.delivery is not None]
    reasons: Counter[str] = Counter()
    for delivery in deliveries:
        reasons.update(delivery.reasons)
    return Delivery(
        total=sum(delivery.total for delivery in deliveries),
        processed=sum(delivery.processed for delivery in deliveries),
        sent=sum(delivery.sent for delivery in deliveries),
        failed=sum(delivery.failed for delivery in deliveries),
        reasons=dict(reasons.most_common()),
        at=None,
    )


def _unqueried(transaction: Transaction) -> TransactionStatus:
    return TransactionStatus(transaction, StatusReason.NOT_QUERIED)


def _recorded(transaction: Transaction) -> TransactionStatus:
    # Every transaction has contacts, so a recorded status without contacts is not usable.
    recorded = transaction.recorded
    if recorded is None or recorded.total == 0:
        return _unqueried(transaction)
    return TransactionStatus(transaction, _reason(recorded), recorded, from_ledger=True)


def _reason(delivery: Delivery) -> StatusReason:
    complete = delivery.processed >= delivery.total
    return StatusReason.SETTLED if complete else StatusReason.PROCESSING


class _QueryPool:
    """Threads that query the vendor, as many in parallel as the throttle allows."""

    def __init__(
        self, client: StatusClient, on_status: Callable[[TransactionStatus], None], count: int
    ) -> None:
        self._client = client
        self._on_status = on_status
        self._throttle = Throttle(count)
        self._answers: SimpleQueue[TransactionStatus | BaseException] = SimpleQueue()
        self._pool = DaemonThreadPool(count, "status")

    def query(self, transactions: Sequence[Transaction]) -> Iterator[TransactionStatus]:
        """Query each transaction once, and yield the answers as they come."""
        waiting = deque(transactions)
        queried_at: dict[RequestKey, float] = {}
        while waiting or queried_at:
            while waiting and len(queried_at) < self._throttle.limit:
                queried_at[waiting[0].key] = time.monotonic()
                self._pool.submit(partial(self._query, waiting.popleft()))
            answer = self._next_answer()
            if isinstance(answer, BaseException):
                raise answer
            verdict = Verdict.BUSY if answer.reason is StatusReason.BUSY else Verdict.SENT
            self._throttle.on_verdict(verdict, queried_at.pop(answer.transaction.key), time.monotonic())
            yield answer

    def _next_answer(self) -> TransactionStatus | BaseException:
        while True:
            with suppress(Empty):
                return self._answers.get(timeout=_POLL_SECONDS)

    def _query(self, transaction: Transaction) -> None:
        try:
            answer = _query(self._client, transaction)
            self._on_status(answer)
        except BaseException as error:  # noqa: BLE001 - raised in the thread that awaits the answer
            self._answers.put(error)
        else:
            self._answers.put(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_queued=True)


def _query(client: StatusClient, transaction: Transaction) -> TransactionStatus:
    try:
        answer = client.status(transaction.transaction_id)
    except VendorUnavailable as error:
        reason = StatusReason.BUSY if isinstance(error, VendorBusy) else StatusReason.UNAVAILABLE
        return TransactionStatus(transaction, reason, detail=str(error))
    except VendorError as error:
        return TransactionStatus(transaction, StatusReason.REFUSED, detail=str(error))
    if not isinstance(answer, StatusAnswer):
        return TransactionStatus(transaction, StatusReason.NOT_FOUND_YET)
    delivery = Delivery(
        total=answer.total,
        processed=answer.processed,
        sent=answer.sent,
        failed=len(answer.failed),
        reasons=dict(sorted(Counter(contact.reason.value for contact in answer.failed).items())),
        at=whole_seconds(datetime.now(UTC)),
    )
    detail = "; ".join(answer.errors)
    return TransactionStatus(transaction, _reason(delivery), delivery, answer.failed, detail)
