"""JSON values of journal entries, sends and requests, without personal data."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from sendspec.formatting import format_timestamp, parse_timestamp
from sendspec.ledger.journal_entries import Delivered, Intent, Moved, RevisionStarted, Settled, Stopped
from sendspec.model import (
    Delivery,
    DeliveryReason,
    Endpoint,
    GroupDigests,
    JobStop,
    Move,
    OutcomeReason,
    Recipients,
    RequestKey,
    RequestRecord,
    RequestState,
    SendRecord,
    SettledBy,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sendspec.ledger.journal_entries import Entry


_REVISION: Final = "revision-started"
_STATES: Final = {state.value: state for state in RequestState}
_REASONS: Final = {reason.value: reason for reason in OutcomeReason}
_USUAL_PROPERTIES: Final = 5
"""Properties of most requests: those that every request has, and the transaction id."""
_MATRIX_REVISION: Final = "matrix-revision-started"
"""The kind of a revision with a matrix. Versions that order axes as the file does refuse this kind, because
they would not find the send by its address."""


class UnknownEntryKind(ValueError):
    """A journal has a kind of entry that only another version of sendspec writes."""


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """Return the JSON value of an entry in the journal."""
    match entry:
        case RevisionStarted(address, record):
            kind = _MATRIX_REVISION if record.axes else _REVISION
            return {"entry": kind, "address": address, **record_to_json(record)}
        case Intent(key, at, attempts, run, since):
            return {
                "entry": "intent",
                **_key_to_json(key),
                "at": format_timestamp(at),
                "attempts": attempts,
                **({"run": run} if run else {}),
                **({"since": format_timestamp(since)} if since else {}),
            }
        case Settled(key):
            return {"entry": "settled", **_key_to_json(key), **request_to_json(entry.request)}
        case Delivered(key, delivery):
            return {"entry": "delivered", **_key_to_json(key), "delivery": _delivery_to_json(delivery)}
        case Stopped(key, stop):
            return {"entry": "stopped", **_key_to_json(key), "stopped": _stop_to_json(stop)}
        case Moved(moves):
            return {"entry": "moved", "moves": [_move_to_json(move) for move in moves]}


def entry_from_json(value: Mapping[str, Any]) -> Entry:
    """Return the entry of a JSON value; raise KeyError, TypeError or ValueError for an invalid value."""
    match value["entry"]:
        case "revision-started" | "matrix-revision-started":
            return RevisionStarted(str(value["address"]), record_from_json(value))
        case "intent":
            return Intent(
                _key_from_json(value),
                parse_timestamp(value["at"]),
                int(value["attempts"]),
                value.get("run"),
                _since_from_json(value),
            )
        case "settled":
            return Settled.of(_key_from_json(value), request_from_json(value))
        case "delivered":
            return Delivered(_key_from_json(value), _delivery_from_json(value["delivery"]))
        case "stopped":
            return Stopped(_key_from_json(value), _stop_from_json(value["stopped"]))
        case "moved":
            return Moved(tuple(_move_from_json(move) for move in value["moves"]))
        case other:
            raise UnknownEntryKind(f"unknown entry kind {other!r}")


def record_to_json(record: SendRecord) -> dict[str, Any]:
    """Return the JSON value of a send in the lockfile."""
    value: dict[str, Any] = {
        "endpoint": record.endpoint.value,
        "revision": record.revision,
        "payload": dict(record.payload),
        "payloadDigest": record.payload_digest,
        "requests": [request_to_json(request) for request in record.requests],
    }
    if record.recipients is not None:
        value["recipients"] = _recipients_to_json(record.recipients)
    if record.axes:
        value["axes"] = list(record.axes)
    if record.earlier:
        value["earlier"] = [record_to_json(earlier) for earlier in record.earlier]
    return value


def record_from_json(value: Mapping[str, Any]) -> SendRecord:
    """Return the send of a JSON value; raise as `entry_from_json`."""
    recipients = value.get("recipients")
    return SendRecord(
        endpoint=Endpoint(value["endpoint"]),
        revision=int(value["revision"]),
        payload=value["payload"],
        payload_digest=str(value["payloadDigest"]),
        recipients=recipients and _recipients_from_json(recipients),
        requests=tuple(map(request_from_json, value["requests"])),
        earlier=tuple(record_from_json(earlier) for earlier in value.get("earlier", ())),
        axes=tuple(map(str, value.get("axes", ()))),
    )


def groups_to_json(groups: GroupDigests) -> dict[str, Any]:
    """Return the JSON value of the joint digests in the lockfile."""
    value: dict[str, Any] = {"digests": dict(groups.digests)}
    return {**value, "changed": sorted(groups.changed)} if groups.changed else value


def groups_from_json(value: Mapping[str, Any]) -> GroupDigests:
    """Return the joint digests of a JSON value; an empty one has none."""
    return GroupDigests(value.get("digests", {}), frozenset(value.get("changed", ())))


def _recipients_to_json(recipients: Recipients) -> dict[str, Any]:
    value: dict[str, Any] = {"count": recipients.count, "digest": recipients.digest}
    return value if recipients.salt is None else {**value, "salt": recipients.salt}


def _recipients_from_json(value: Mapping[str, Any]) -> Recipients:
    salt = value.get("salt")
    return Recipients(int(value["count"]), str(value["digest"]), None if salt is None else str(salt))


def request_to_json(request: RequestRecord) -> dict[str, Any]:  # noqa: C901 - one branch a property
    """Return the JSON value of a request in the lockfile, without keys for absent values."""
    value: dict[str, Any] = {
        "batch": request.batch,
        "state": str(request.state),
        "at": format_timestamp(request.at),
        "attempts": request.attempts,
    }
    if request.job_id is not None:
        value["jobId"] = request.job_id
    if request.transaction_id is not None:
        value["transactionId"] = request.transaction_id
    if request.reason is not None:
        value["reason"] = str(request.reason)
    if request.evidence is not None:
        value["evidence"] = request.evidence
    if request.run is not None:
        value["run"] = request.run
    if request.since is not None:
        value["since"] = format_timestamp(request.since)
    if request.settled_by is not SettledBy.RUN:
        value["settledBy"] = request.settled_by.value
    if request.also_accepted:
        value["alsoAccepted"] = list(request.also_accepted)
    if request.delivery is not None:
        value["delivery"] = _delivery_to_json(request.delivery)
    if request.stop is not None:
        value["stopped"] = _stop_to_json(request.stop)
    return value


def request_from_json(value: Mapping[str, Any]) -> RequestRecord:
    """Return the request of a JSON value; raise as `entry_from_json`."""
    # A lockfile has thousands of requests: positional arguments and looking a member up are the fastest.
    get, state = value.get, value["state"]
    known_state = _STATES.get(state) or RequestState(state)
    batch, at, attempts = int(value["batch"]), parse_timestamp(value["at"]), int(value["attempts"])
    if len(value) == _USUAL_PROPERTIES and (transaction_id := get("transactionId")) is not None:
        return RequestRecord(batch, known_state, at, attempts, None, transaction_id)
    settled_by, delivery, stop = get("settledBy"), get("delivery"), get("stopped")
    return RequestRecord(
        batch,
        known_state,
        at,
        attempts,
        get("jobId"),
        get("transactionId"),
        _reason_from_json(value["reason"]) if "reason" in value else None,
        get("evidence"),
        SettledBy.RUN if settled_by is None else SettledBy(settled_by),
        get("run"),
        delivery and _delivery_from_json(delivery),
        tuple(map(str, value["alsoAccepted"])) if "alsoAccepted" in value else (),
        stop and _stop_from_json(stop),
        parse_timestamp(value["since"]) if "since" in value else None,
    )


def _reason_from_json(code: str) -> OutcomeReason:
    return _REASONS.get(code) or OutcomeReason(code)


def _since_from_json(value: Mapping[str, Any]) -> datetime | None:
    return parse_timestamp(value["since"]) if "since" in value else None


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
    # Older ledgers have the vendor's words, which may repeat a name.
    reasons: Counter[str] = Counter()
    for text, count in value["reasons"].items():
        reasons[DeliveryReason.of(str(text)).value] += int(count)
    return Delivery(
        total=int(value["total"]),
        processed=int(value["processed"]),
        sent=int(value["sent"]),
        failed=int(value["failed"]),
        reasons=dict(reasons),
        at=parse_timestamp(value["at"]),
    )


def _stop_to_json(stop: JobStop) -> dict[str, Any]:
    return {
        "at": format_timestamp(stop.at),
        "evidence": stop.evidence,
        "jobs": list(stop.jobs),
        "settledBy": SettledBy.PERSON.value,
    }


def _stop_from_json(value: Mapping[str, Any]) -> JobStop:
    return JobStop(parse_timestamp(value["at"]), str(value["evidence"]), tuple(map(str, value["jobs"])))


def _move_to_json(move: Move) -> dict[str, Any]:
    value: dict[str, Any] = {"from": move.former, "to": move.address}
    return {**value, "axes": list(move.axes)} if move.axes else value


def _move_from_json(value: Mapping[str, Any]) -> Move:
    return Move(str(value["from"]), str(value["to"]), tuple(map(str, value.get("axes", ()))))


def _key_to_json(key: RequestKey) -> dict[str, Any]:
    return {"address": key.address, "revision": key.revision, "batch": key.batch}


def _key_from_json(value: Mapping[str, Any]) -> RequestKey:
    return RequestKey(str(value["address"]), int(value["revision"]), int(value["batch"]))
