"""The limit of parallel status queries, as the vendor sees it."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from sendspec.acoustic import StatusAnswer
from sendspec.errors import VendorBusy
from sendspec.model import RequestKey, StatusReason
from sendspec.status import Transaction, TransactionStatus, poll

if TYPE_CHECKING:
    from collections.abc import Callable

SETTLED = StatusAnswer(total=1, processed=1, sent=1, failed=(), errors=())
BUSY = VendorBusy("max number of concurrent requests reached")
TRANSACTIONS = [Transaction(RequestKey("sale/a", 1, batch), f"t{batch}") for batch in range(1, 31)]


class Vendor:
    """Keeps each query open until the test answers it."""

    def __init__(self) -> None:
        self.calls: SimpleQueue[SimpleQueue[StatusAnswer | VendorBusy]] = SimpleQueue()

    def status(self, transaction_id: str) -> StatusAnswer:  # noqa: ARG002 - every answer is the same
        answer: SimpleQueue[StatusAnswer | VendorBusy] = SimpleQueue()
        self.calls.put(answer)
        given = answer.get(timeout=60)
        if isinstance(given, VendorBusy):
            raise given
        return given

    def open_queries(self, count: int) -> list[Callable[[StatusAnswer | VendorBusy], None]]:
        """Wait for `count` queries and return the functions that answer them."""
        return [self.calls.get(timeout=60).put for _ in range(count)]


def test_a_busy_vendor_halves_the_limit() -> None:
    """The vendor's refusal halves the limit of parallel queries, and each success raises it by one."""
    vendor, statuses = Vendor(), SimpleQueue[TransactionStatus]()
    run = threading.Thread(
        target=lambda: poll(
            vendor, TRANSACTIONS, concurrency=8, timeout=600, interval=0, on_status=statuses.put
        ),
        daemon=True,
    )
    run.start()
    for limit in (8, 4, 5, 6):
        queries = vendor.open_queries(limit)
        assert vendor.calls.empty()
        for answer in queries:
            answer(BUSY if limit == 8 else SETTLED)
    for _ in range(len(TRANSACTIONS) - 4 - 5 - 6):
        [answer] = vendor.open_queries(1)
        answer(SETTLED)
    run.join(timeout=60)
    assert not run.is_alive()
    answers = [statuses.get() for _ in range(statuses.qsize())]
    assert [
        sum(status.reason is StatusReason.BUSY for status in answers),
        sum(status.settled for status in answers),
    ] == [8, len(TRANSACTIONS)]
