"""What became of what was sent: asks the vendor about each transaction until it is settled."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sendspec.acoustic import StatusAnswer
from sendspec.errors import VendorUnavailable
from sendspec.model import Delivery, RequestKey, RequestState
from sendspec.words import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sendspec.acoustic import FailedContact, NotFoundYet
    from sendspec.model import LedgerState


class Transaction(NamedTuple):
    """A request that the vendor took, by the id it gave."""

    key: RequestKey
    transaction_id: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What is known of a transaction: `delivery` is None while the vendor does not know it yet."""

    transaction: Transaction
    delivery: Delivery | None
    failed: tuple[FailedContact, ...] = field(default=(), repr=False)
    note: str = ""

    @property
    def settled(self) -> bool:
        """Whether the vendor has decided on every contact."""
        return self.delivery is not None and self.delivery.processed >= self.delivery.total


class Asker(Protocol):
    """What answers for a transaction: the client, or a test's own."""

    def status(self, transaction_id: str) -> StatusAnswer | NotFoundYet:
        """Ask once; raises VendorUnavailable where asking again may help."""
        ...


def transactions(state: LedgerState) -> tuple[Transaction, ...]:
    """Give every transaction in the ledger, all revisions, by address and batch."""
    return tuple(
        Transaction(RequestKey(address, revision.revision, request.batch), request.transaction_id)
        for address, record in sorted(state.sends.items())
        for revision in record.revisions
        for request in revision.requests
        if request.state is RequestState.SENT and request.transaction_id is not None
    )


def follow(
    asker: Asker,
    asked: Sequence[Transaction],
    *,
    concurrency: int,
    timeout: float,
    interval: float,
) -> tuple[Followed, ...]:
    """Ask about every transaction until all are settled or `timeout` seconds have gone.

    At most `concurrency` calls are under way at once; `interval` seconds lie between two rounds.
    Everything is asked at least once.

    Raises:
        SendspecError: the vendor refuses to answer at all.
    """
    deadline = time.monotonic() + timeout
    known = {transaction.key: Followed(transaction, None) for transaction in asked}
    pause = threading.Event()
    with ThreadPoolExecutor(concurrency, thread_name_prefix="status") as pool:
        while waiting := [each.transaction for each in known.values() if not each.settled]:
            for followed in pool.map(lambda each: _ask(asker, each), waiting):
                known[followed.transaction.key] = followed
            left = deadline - time.monotonic()
            if left <= 0 or all(each.settled for each in known.values()):
                break
            pause.wait(min(interval, left))
    return tuple(known.values())


def _ask(asker: Asker, transaction: Transaction) -> Followed:
    try:
        answer = asker.status(transaction.transaction_id)
    except VendorUnavailable as error:
        return Followed(transaction, None, note=str(error))
    if not isinstance(answer, StatusAnswer):
        return Followed(transaction, None, note="the vendor does not know it yet")
    delivery = Delivery(
        total=answer.total,
        processed=answer.processed,
        sent=answer.sent,
        failed=len(answer.failed),
        reasons=dict(sorted(Counter(contact.message for contact in answer.failed).items())),
        at=stamp(datetime.now(UTC)),
    )
    return Followed(transaction, delivery, answer.failed, "; ".join(answer.errors))


def totals(followed: Iterable[Followed]) -> Delivery:
    """Add up deliveries; `at` is empty."""
    deliveries = [each.delivery for each in followed if each.delivery is not None]
    reasons: Counter[str] = Counter()
    for delivery in deliveries:
        reasons.update(delivery.reasons)
    return Delivery(
        total=sum(delivery.total for delivery in deliveries),
        processed=sum(delivery.processed for delivery in deliveries),
        sent=sum(delivery.sent for delivery in deliveries),
        failed=sum(delivery.failed for delivery in deliveries),
        reasons=dict(reasons.most_common()),
        at="",
    )
