"""What became of what was sent: asks the vendor about each transaction until it is settled."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self

from sendspec.acoustic import StatusAnswer
from sendspec.errors import VendorBusy, VendorError, VendorUnavailable
from sendspec.formatting import format_timestamp, whole_seconds
from sendspec.ledger import Delivered
from sendspec.model import Delivery, RequestKey, RequestState, Verdict
from sendspec.protocol import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sendspec.acoustic import FailedContact, NotFoundYet
    from sendspec.model import LedgerState


_NOTICE_SECONDS: Final = 0.5


class Transaction(NamedTuple):
    """A request that the vendor took, by the id it gave, and what the ledger has of its delivery."""

    key: RequestKey
    transaction_id: str
    recorded: Delivery | None = None


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """What is known of a transaction: `delivery` is None while the vendor does not know it yet.

    `known` says that it is from the ledger and nobody was asked, `refused` that the vendor will not
    say, however often it is asked, `busy` that it had too many calls to answer this one.
    """

    transaction: Transaction
    delivery: Delivery | None
    failed: tuple[FailedContact, ...] = field(default=(), repr=False)
    note: str = ""
    known: bool = False
    refused: bool = False
    busy: bool = False

    @property
    def settled(self) -> bool:
        """Whether the vendor has decided on every contact."""
        return self.delivery is not None and self.delivery.processed >= self.delivery.total


class StatusClient(Protocol):
    """What answers for a transaction: the client, or a test's own."""

    def status(self, transaction_id: str) -> StatusAnswer | NotFoundYet:
        """Ask once; raises VendorUnavailable where asking again may help."""
        ...


def transactions(state: LedgerState) -> tuple[Transaction, ...]:
    """Give every transaction in the ledger, all revisions, by address and batch."""
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
    """What is known of each transaction: from the ledger, and over it what the vendor says now."""

    def __init__(self, found: Iterable[Transaction], *, anew: bool) -> None:
        """Begin with what the ledger has, or with nothing where all is to be asked `anew`."""
        self._known = {
            each.key: TransactionStatus(each, None) if anew else _remembered(each) for each in found
        }

    @property
    def followed(self) -> tuple[TransactionStatus, ...]:
        """Everything, in the order in which it was found."""
        return tuple(self._known.values())

    @property
    def open(self) -> tuple[Transaction, ...]:
        """What is left to ask about."""
        return tuple(each.transaction for each in self.followed if not each.settled)

    @property
    def news(self) -> tuple[Delivered, ...]:
        """What the ledger does not have yet."""
        return tuple(
            Delivered(each.transaction.key, each.delivery)
            for each in self.followed
            if each.delivery is not None and not each.known
        )

    def hear(self, answer: TransactionStatus) -> None:
        """Take an answer; one that says nothing takes nothing back of what an earlier one said."""
        before = self._known[answer.transaction.key]
        if answer.delivery is None and before.delivery is not None:
            answer = replace(before, note=answer.note)
        self._known[answer.transaction.key] = answer


def _remembered(transaction: Transaction) -> TransactionStatus:
    # A status of no contacts at all settles nothing: every transaction has some.
    recorded = transaction.recorded
    if recorded is None or recorded.total == 0:
        return TransactionStatus(transaction, None)
    since = "" if recorded.at is None else f"known since {format_timestamp(recorded.at)}"
    return TransactionStatus(transaction, recorded, note=since, known=True)


def follow(  # noqa: PLR0913 - how, how long, and what with the answers
    asker: StatusClient,
    asked: Sequence[Transaction],
    *,
    concurrency: int,
    timeout: float,
    interval: float,
    learnt: Callable[[TransactionStatus], None],
) -> None:
    """Ask about every transaction until all are settled or `timeout` seconds have gone.

    At most `concurrency` calls are under way at once, fewer where the vendor says that they are too
    many; `interval` seconds lie between two rounds. Everything is asked at least once. `learnt` is
    called for every answer the moment it is there, in the thread that asked: an end before the time,
    such as Ctrl-C, loses none.

    Raises:
        CredentialsError: the vendor refuses to answer at all.
    """
    deadline = time.monotonic() + timeout
    waiting = list(asked)
    with _Askers(asker, learnt, concurrency) as askers:
        while waiting:
            answers = askers.ask(waiting)
            waiting = [each.transaction for each in answers if not (each.settled or each.refused)]
            left = deadline - time.monotonic()
            if left <= 0:
                break
            if waiting:
                threading.Event().wait(min(interval, left))


class _Askers:
    """Threads that ask, and do not keep the process from ending while an answer is awaited."""

    def __init__(self, asker: StatusClient, learnt: Callable[[TransactionStatus], None], count: int) -> None:
        self._asker = asker
        self._learnt = learnt
        self._throttle = Throttle(count)
        self._tasks: SimpleQueue[Transaction | None] = SimpleQueue()
        self._answers: SimpleQueue[TransactionStatus | BaseException] = SimpleQueue()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]

    def ask(self, transactions: Sequence[Transaction]) -> Iterator[TransactionStatus]:
        """Ask about each once, and give the answers as they come."""
        waiting = deque(transactions)
        asked_at: dict[RequestKey, float] = {}
        while waiting or asked_at:
            while waiting and len(asked_at) < self._throttle.limit:
                asked_at[waiting[0].key] = time.monotonic()
                self._tasks.put(waiting.popleft())
            answer = self._heard()
            if isinstance(answer, BaseException):
                raise answer
            verdict = Verdict.BUSY if answer.busy else Verdict.SENT
            self._throttle.heard(verdict, asked_at.pop(answer.transaction.key), time.monotonic())
            yield answer

    def _heard(self) -> TransactionStatus | BaseException:
        # A signal that comes just before a wait is noticed only at its end.
        while True:
            with suppress(Empty):
                return self._answers.get(timeout=_NOTICE_SECONDS)

    def _work(self) -> None:
        while (transaction := self._tasks.get()) is not None:
            try:
                answer = _ask(self._asker, transaction)
                self._learnt(answer)
            except BaseException as error:  # noqa: BLE001 - raised where the answer is awaited
                self._answers.put(error)
            else:
                self._answers.put(answer)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Empty):
            while True:
                self._tasks.get_nowait()
        for _thread in self._threads:
            self._tasks.put(None)


def _ask(asker: StatusClient, transaction: Transaction) -> TransactionStatus:
    try:
        answer = asker.status(transaction.transaction_id)
    except VendorUnavailable as error:
        return TransactionStatus(transaction, None, note=str(error), busy=isinstance(error, VendorBusy))
    except VendorError as error:
        return TransactionStatus(transaction, None, note=str(error), refused=True)
    if not isinstance(answer, StatusAnswer):
        return TransactionStatus(transaction, None, note="the vendor does not know it yet")
    delivery = Delivery(
        total=answer.total,
        processed=answer.processed,
        sent=answer.sent,
        failed=len(answer.failed),
        reasons=dict(sorted(Counter(contact.message for contact in answer.failed).items())),
        at=whole_seconds(datetime.now(UTC)),
    )
    return TransactionStatus(transaction, delivery, answer.failed, "; ".join(answer.errors))


def totals(followed: Iterable[TransactionStatus]) -> Delivery:
    """Return the sum of all deliveries."""
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
        at=None,
    )
