"""The written form of the ledger: journal lines and the lockfile, both JSON, both without personal data."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sendspec import schema
from sendspec.errors import LedgerCorrupt, LedgerError
from sendspec.formatting import format_timestamp, parse_timestamp
from sendspec.ledger.corruption import RESTORE, contradicted, each_once, misshapen, older, unreadable
from sendspec.ledger.entries import Delivered, Fixed, Intent, Settled, Unfoldable, fold
from sendspec.ledger.journal import decode_lines, to_json
from sendspec.model import (
    Delivery,
    Endpoint,
    Location,
    Locations,
    OutcomeReason,
    Recipients,
    RequestKey,
    RequestRecord,
    RequestState,
    SendRecord,
    SettledBy,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendspec.ledger.entries import Entry
    from sendspec.model import LedgerState

LOCKFILE_VERSION: Final = 1
_NOT_OURS: Final = (Unfoldable, KeyError, TypeError, ValueError, AttributeError)
"""What reading a line raises that no sendspec wrote."""


def lockfile_bytes(state: LedgerState) -> bytes:
    """Write a state as a lockfile: sorted, indented, one final newline, the same bytes every time."""
    value = {
        "version": LOCKFILE_VERSION,
        "target": state.target,
        "account": state.account,
        **_serial_to_json(state),
        "sends": {address: record_to_json(record) for address, record in state.sends.items()},
    }
    return to_json(value, indented=True) + b"\n"


def lockfile_state(content: bytes, shown: str, expected: LedgerState) -> LedgerState:
    """Read a lockfile.

    Raises:
        LedgerDamaged: it is not a lockfile of this version.
        LedgerError: it belongs to another target or account than `expected`.
    """
    value = _sound_value(content, shown)
    check_owner(value["target"], value["account"], shown, expected)
    sends = {str(address): record_from_json(record) for address, record in value["sends"].items()}
    return replace(expected, sends=sends, serial=value.get("serial", 0))


@lru_cache(maxsize=1)
def _sound_value(content: bytes, shown: str) -> Any:
    # Kept because a run reads its lockfile at its beginning and again, unchanged, before it folds.
    try:
        value = json.loads(content, object_pairs_hook=each_once)
    except (ValueError, RecursionError) as error:
        raise unreadable(content, shown, error) from error
    if schema.check("lockfile", value, Locations(Location(shown))):
        raise misshapen(content, shown, value)
    if damaged := contradicted(content, shown, value):
        raise damaged
    return value


def journal_value(state: LedgerState, entries: Sequence[Entry]) -> dict[str, Any]:
    """Give what one journal line says: whose ledger it is, and its entries."""
    return {
        "target": state.target,
        "account": state.account,
        **_serial_to_json(state),
        "entries": [entry_to_json(entry) for entry in entries],
    }


def combined(
    lockfile: bytes | None, journal: bytes | None, shown: tuple[str, str], expected: LedgerState
) -> tuple[LedgerState, int]:
    """Read lockfile and journal together; either may be missing. `shown` names the two in messages.

    Returns:
        The state, and how many bytes of the journal are sound (the rest is a torn last line).

    Raises:
        LedgerDamaged: one of them is not what sendspec wrote.
        LedgerError: one of them belongs to another target or account than `expected`.
    """
    state = expected if lockfile is None else lockfile_state(lockfile, shown[0], expected)
    if not journal:
        return state, 0
    values, sound = decode_lines(journal, shown[1])
    try:
        return _folded(state, values, shown[1]), sound
    except _NOT_OURS as error:
        line = _first_unfoldable(state, values, shown[1])
        message = f"{shown[1]}:{line}: this line cannot be folded: {error}"
        raise LedgerCorrupt(message, hint=RESTORE) from error


def _folded(state: LedgerState, values: Sequence[Any], shown: str) -> LedgerState:
    for value in values:
        check_owner(value["target"], value["account"], shown, state)
        if value.get("serial", 0) > state.serial:
            raise older(f"{shown}:1: this goes on from", value["serial"], state.serial)
    return fold(state, [entry_from_json(entry) for value in values for entry in value["entries"]])


def _first_unfoldable(state: LedgerState, values: Sequence[Any], shown: str) -> int:
    def breaks(lines: int) -> bool:
        try:
            _folded(state, values[:lines], shown)
        except _NOT_OURS:
            return True
        return False

    counts = range(1, len(values) + 1)
    return counts[bisect_left(counts, 1, key=lambda lines: int(breaks(lines)))]


def check_owner(target: str, account: str, shown: str, expected: LedgerState) -> None:
    """Refuse a ledger of another target or account: its requests are not this run's requests.

    Raises:
        LedgerError: `target` or `account` differs from the expected.
    """
    if (target, account) == (expected.target, expected.account):
        return
    raise LedgerError(
        f"{shown}:1: this belongs to target '{target}' at {account}, "
        f"not to '{expected.target}' at {expected.account}",
        hint="a target that moves to another host starts a ledger of its own: give it another name, "
        "or set the lockfile aside once you know that nothing in it must be sent again",
    )


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """Give the journal's form of an entry."""
    match entry:
        case Fixed(address, record):
            return {"entry": "fixed", "address": address, **record_to_json(record)}
        case Intent(key, at, attempts):
            return {
                "entry": "intent",
                **_key_to_json(key),
                "at": format_timestamp(at),
                "attempts": attempts,
                **({"run": entry.run} if entry.run else {}),
            }
        case Settled(key):
            return {"entry": "settled", **_key_to_json(key), **request_to_json(entry.request)}
        case Delivered(key, delivery):
            return {"entry": "delivered", **_key_to_json(key), "delivery": _delivery_to_json(delivery)}


def entry_from_json(value: Mapping[str, Any]) -> Entry:
    """Read the journal's form of an entry; raises KeyError, TypeError or ValueError for any other."""
    match value["entry"]:
        case "fixed":
            return Fixed(str(value["address"]), record_from_json(value))
        case "intent":
            return Intent(
                _key_from_json(value), parse_timestamp(value["at"]), int(value["attempts"]), value.get("run")
            )
        case "settled":
            request = request_from_json(value)
            return Settled(
                key=_key_from_json(value),
                state=request.state,
                at=request.at,
                attempts=request.attempts,
                job_id=request.job_id,
                transaction_id=request.transaction_id,
                reason=request.reason,
                evidence=request.evidence,
                settled_by=request.settled_by,
                run=request.run,
            )
        case "delivered":
            return Delivered(_key_from_json(value), _delivery_from_json(value["delivery"]))
        case other:
            raise ValueError(f"an entry of a kind this version does not know: {other!r}")


def record_to_json(record: SendRecord) -> dict[str, Any]:
    """Give the lockfile's form of a send."""
    value: dict[str, Any] = {
        "endpoint": record.endpoint.value,
        "revision": record.revision,
        "payload": dict(record.payload),
        "payloadDigest": record.payload_digest,
        "requests": [request_to_json(request) for request in record.requests],
    }
    if record.recipients is not None:
        value["recipients"] = {"count": record.recipients.count, "digest": record.recipients.digest}
    if record.earlier:
        value["earlier"] = [record_to_json(earlier) for earlier in record.earlier]
    return value


def record_from_json(value: Mapping[str, Any]) -> SendRecord:
    """Read the lockfile's form of a send."""
    recipients = value.get("recipients")
    return SendRecord(
        endpoint=Endpoint(value["endpoint"]),
        revision=int(value["revision"]),
        payload=value["payload"],
        payload_digest=str(value["payloadDigest"]),
        recipients=recipients and Recipients(int(recipients["count"]), str(recipients["digest"])),
        requests=tuple(request_from_json(request) for request in value["requests"]),
        earlier=tuple(record_from_json(earlier) for earlier in value.get("earlier", ())),
    )


def request_to_json(request: RequestRecord) -> dict[str, Any]:
    """Give the lockfile's form of a request; what is not known has no key."""
    value: dict[str, Any] = {
        "batch": request.batch,
        "state": request.state.value,
        "at": format_timestamp(request.at),
        "attempts": request.attempts,
        "jobId": request.job_id,
        "transactionId": request.transaction_id,
        "alsoAccepted": list(request.also_accepted) or None,
        "reason": request.reason and request.reason.value,
        "evidence": request.evidence,
        "settledBy": None if request.settled_by is SettledBy.RUN else request.settled_by.value,
        "run": request.run,
        "delivery": request.delivery and _delivery_to_json(request.delivery),
    }
    return {name: known for name, known in value.items() if known is not None}


def request_from_json(value: Mapping[str, Any]) -> RequestRecord:
    """Read the lockfile's form of a request."""
    delivery = value.get("delivery")
    return RequestRecord(
        batch=int(value["batch"]),
        state=RequestState(value["state"]),
        at=parse_timestamp(value["at"]),
        attempts=int(value["attempts"]),
        job_id=value.get("jobId"),
        transaction_id=value.get("transactionId"),
        also_accepted=tuple(map(str, value.get("alsoAccepted", ()))),
        reason=OutcomeReason(value["reason"]) if "reason" in value else None,
        evidence=value.get("evidence"),
        settled_by=SettledBy(value.get("settledBy", SettledBy.RUN)),
        run=value.get("run"),
        delivery=delivery and _delivery_from_json(delivery),
    )


def _serial_to_json(state: LedgerState) -> dict[str, int]:
    # A branch has its own history, and counts nothing.
    return {"serial": state.serial} if state.serial else {}


def _delivery_to_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "total": delivery.total,
        "processed": delivery.processed,
        "sent": delivery.sent,
        "failed": delivery.failed,
        "reasons": dict(delivery.reasons),
        "at": delivery.at and format_timestamp(delivery.at),
    }


def _delivery_from_json(value: Mapping[str, Any]) -> Delivery:
    return Delivery(
        total=int(value["total"]),
        processed=int(value["processed"]),
        sent=int(value["sent"]),
        failed=int(value["failed"]),
        reasons={str(reason): int(count) for reason, count in value["reasons"].items()},
        at=parse_timestamp(value["at"]),
    )


def _key_to_json(key: RequestKey) -> dict[str, Any]:
    return {"address": key.address, "revision": key.revision, "batch": key.batch}


def _key_from_json(value: Mapping[str, Any]) -> RequestKey:
    return RequestKey(str(value["address"]), int(value["revision"]), int(value["batch"]))
