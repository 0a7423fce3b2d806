"""How many status calls are under way at once, seen by what answers them."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from sendspec.acoustic import StatusAnswer
from sendspec.errors import VendorBusy
from sendspec.model import RequestKey
from sendspec.status import Transaction, TransactionStatus, poll

if TYPE_CHECKING:
    from collections.abc import Callable

SETTLED = StatusAnswer(total=1, processed=1, sent=1, failed=(), errors=())
BUSY = VendorBusy("max number of concurrent requests reached")
ASKED = [Transaction(RequestKey("sale/a", 1, batch), f"t{batch}") for batch in range(1, 31)]


class Vendor:
    """Holds each call until the test answers it."""

    def __init__(self) -> None:
        self.calls: SimpleQueue[SimpleQueue[StatusAnswer | VendorBusy]] = SimpleQueue()

    def status(self, transaction_id: str) -> StatusAnswer:  # noqa: ARG002 - all alike
        answer: SimpleQueue[StatusAnswer | VendorBusy] = SimpleQueue()
        self.calls.put(answer)
        given = answer.get(timeout=60)
        if isinstance(given, VendorBusy):
            raise given
        return given

    def held(self, count: int) -> list[Callable[[StatusAnswer | VendorBusy], None]]:
        """Wait for so many calls, and give what answers each."""
        return [self.calls.get(timeout=60).put for _ in range(count)]


def test_a_busy_vendor_is_asked_by_half_as_many() -> None:
    """The limit holds for status calls too, is halved by the vendor's refusal, and grows one at a time."""
    vendor, learnt = Vendor(), SimpleQueue[TransactionStatus]()
    run = threading.Thread(
        target=lambda: poll(vendor, ASKED, concurrency=8, timeout=600, interval=0, on_status=learnt.put),
        daemon=True,
    )
    run.start()
    for limit in (8, 4, 5, 6):
        held = vendor.held(limit)
        assert vendor.calls.empty()
        for answer in held:
            answer(BUSY if limit == 8 else SETTLED)
    for _ in range(len(ASKED) - 4 - 5 - 6):
        [answer] = vendor.held(1)
        answer(SETTLED)
    run.join(timeout=60)
    assert not run.is_alive()
    answers = [learnt.get() for _ in range(learnt.qsize())]
    assert [sum(each.busy for each in answers), sum(each.settled for each in answers)] == [8, len(ASKED)]
