"""Time of one read or write of a lockfile: `python -m tests.bench.lockfile_times WHAT REQUESTS`.

WHAT is `read`, `write`, `json-read` or `json-write`. It prints the seconds as JSON. The time is the CPU
time of the encoding, which does not wait for the disk, with the collector of cycles as the command sets it.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sendspec.cli import COLLECTION_THRESHOLDS
from sendspec.ledger.codec import FileNames, lockfile_bytes, lockfile_state
from sendspec.model import Endpoint, LedgerState, Recipients, RequestRecord, RequestState, SendRecord

if TYPE_CHECKING:
    from collections.abc import Callable

_REQUESTS_PER_SEND: Final = 10
_OWNER: Final = LedgerState("bench", "http://127.0.0.1:1")
_NAMES: Final = FileNames("sendspec.bench.lock", "sendspec.bench.journal")


def state_of(requests: int) -> LedgerState:
    """Return a ledger of sends of ten requests, all of them sent."""
    at = datetime(2026, 12, 1, 19, 0, 3, tzinfo=UTC)
    sends = {
        f"spring-sale/last-call-{send}": SendRecord(
            endpoint=Endpoint.CONTACTS,
            revision=1,
            payload={
                "channelQualifier": "148372",
                "content": f"Acme: hi %%FIRST NAME%%, {send}% off ends tonight. Reply STOP to opt out.",
            },
            payload_digest="sha256:" + f"{send:064x}",
            recipients=Recipients(_REQUESTS_PER_SEND * 1000, "scrypt:" + f"{send:064x}"),
            requests=tuple(
                RequestRecord(
                    batch=batch,
                    state=RequestState.SENT,
                    at=at,
                    transaction_id=f"8a4f2c6e-0000-4000-8000-{send * 100 + batch:012}",
                )
                for batch in range(1, _REQUESTS_PER_SEND + 1)
            ),
        )
        for send in range(requests // _REQUESTS_PER_SEND)
    }
    return LedgerState(_OWNER.target, _OWNER.account, sends=sends, serial=1)


def main() -> None:
    """Measure one step and print its seconds."""
    what, state = sys.argv[1], state_of(int(sys.argv[2]))
    content = lockfile_bytes(state)
    value = json.loads(content)
    steps: dict[str, Callable[[], object]] = {
        "read": lambda: lockfile_state(content, _NAMES, _OWNER),
        "write": lambda: lockfile_bytes(state),
        "json-read": lambda: json.loads(content),
        "json-write": lambda: json.dumps(value, indent=1, sort_keys=True).encode(),
    }
    # The first read of a process loads the schema, which does not belong to the time of a lockfile.
    lockfile_state(lockfile_bytes(state_of(_REQUESTS_PER_SEND)), _NAMES, _OWNER)
    gc.set_threshold(*COLLECTION_THRESHOLDS)
    started = time.process_time()
    result = steps[what]()
    seconds = time.process_time() - started
    expected = state if what == "read" else value if what == "json-read" else None
    if expected is not None and result != expected:
        message = "the lockfile that was read is not the one that was written"
        raise AssertionError(message)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
