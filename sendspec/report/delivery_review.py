"""The result of all runs so far, as the ledger and the vendor have it: the comment of an apply, continued."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sendspec.compare import accepted, due_date, recipients_of
from sendspec.formatting import pluralize
from sendspec.model import DeliveryReason, RequestKey, RequestState
from sendspec.record_phrases import due_text, outcome_text, progress_text
from sendspec.report.run_review import (
    RUN_AGAIN,
    RunReview,
    RunState,
    SendResult,
    job_text,
    settle_action,
    unsent_notes,
)
from sendspec.report.status import DELIVERY_FAILURES

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sendspec.model import LedgerState, RequestRecord, SendRecord
    from sendspec.status import TransactionStatus


def review_deliveries(  # noqa: PLR0913 - the basis of a review, and its scope
    target: str,
    ledger: LedgerState,
    statuses: Sequence[TransactionStatus],
    addresses: Container[str],
    now: datetime,
    *,
    newest_only: bool = False,
) -> RunReview:
    """Return what became of each send of `addresses` that the ledger has, at `now`.

    With `newest_only` it is about the newest revision of each send. Deliveries are as far as the vendor
    reported them. Jobs, unknown requests and requests that were not sent are those of the ledger, so that
    they stay in the comment.
    """
    by_send: dict[tuple[str, int], list[TransactionStatus]] = {}
    for status in statuses:
        key = status.transaction.key
        by_send.setdefault((key.address, key.revision), []).append(status)
    records = [
        (address, record)
        for address, latest in sorted(ledger.sends.items())
        if address in addresses
        for record in ((latest,) if newest_only else latest.revisions)
        if record is latest or any(request.state is not RequestState.NOT_SENT for request in record.requests)
    ]
    sends = tuple(_send_result(address, record, by_send, now) for address, record in records)
    unknown = _unknown(records)
    missing = sum(_missing(record) for address, record in records if record is ledger.sends[address])
    return RunReview(
        target=target,
        state=_state(sends, unknown, missing),
        headline=_headline(sends, len(unknown), missing),
        sends=sends,
        failures=tuple(_failures(statuses).most_common()),
        actions=tuple(_actions(unknown, missing)),
    )


def unknown_requests(ledger: LedgerState, addresses: Container[str]) -> list[RequestKey]:
    """Return the requests of these sends whose outcome the ledger does not have."""
    return _unknown(
        (address, record)
        for address, latest in sorted(ledger.sends.items())
        if address in addresses
        for record in latest.revisions
    )


def _unknown(records: Iterable[tuple[str, SendRecord]]) -> list[RequestKey]:
    return [
        RequestKey(address, record.revision, request.batch)
        for address, record in records
        for request in record.requests
        if request.state.is_open
    ]


def _send_result(
    address: str,
    record: SendRecord,
    by_send: Mapping[tuple[str, int], Sequence[TransactionStatus]],
    now: datetime,
) -> SendResult:
    statuses = by_send.get((address, record.revision), ())
    count = None if record.recipients is None else record.recipients.count
    deliveries = [status.delivery for status in statuses if status.delivery is not None]
    tracked = [status.transaction.key.batch for status in statuses]
    batches = [request.batch for request in accepted(record)]
    processed = sum(delivery.processed for delivery in deliveries)
    return SendResult(
        address=address if record.revision == 1 else f"{address}@{record.revision}",
        asked=count,
        accepted=None if count is None else recipients_of(count, batches),
        handed=sum(delivery.sent for delivery in deliveries) if deliveries else None,
        failed=sum(delivery.failed for delivery in deliveries) if deliveries else None,
        unprocessed=0 if count is None else max(recipients_of(count, tracked) - processed, 0),
        ids=tuple(
            job_text(vendor_id)
            for request in accepted(record)
            if count is None
            for vendor_id in request.vendor_ids or (None,)
        ),
        notes=(
            *unsent_notes((request.state, _reason(request)) for request in record.requests),
            *_jobs(record, now),
        ),
    )


def _reason(request: RequestRecord) -> str:
    if request.state is RequestState.INTENT:
        return progress_text(request)
    return outcome_text(request.reason, request.evidence)


def _jobs(record: SendRecord, now: datetime) -> Iterator[str]:
    """Yield what is known about each send job: its fate, or when the vendor starts it."""
    due = due_date(record)
    for request in accepted(record):
        if record.recipients is not None:
            continue
        job = job_text(request.job_id)
        if request.is_stopped:
            yield f"{job}, stopped at the vendor"
            continue
        waits = f", {due_text(due)}; until then only the vendor can stop it" if due and due > now else ""
        was_due = f", {due_text(due).replace('due', 'was due', 1)}" if due and due <= now else ""
        yield f"{job}{waits}{was_due}; the API does not report the status of jobs"


def _missing(record: SendRecord) -> int:
    """Return how many requests of a revision were not sent, tried or not."""
    settled = sum(request.state is not RequestState.NOT_SENT for request in record.requests)
    return record.expected_requests - settled


def _failures(statuses: Iterable[TransactionStatus]) -> Counter[str]:
    failures = Counter[str]()
    for status in statuses:
        for code, count in status.delivery.reasons.items() if status.delivery else ():
            failures[DELIVERY_FAILURES[DeliveryReason(code)]] += count
    return failures


def _state(sends: Sequence[SendResult], unknown: Sequence[RequestKey], missing: int) -> RunState:
    if unknown:
        return RunState.UNKNOWN
    if missing:
        return RunState.FAILED
    return RunState.DONE if sends else RunState.NOTHING


def _headline(sends: Sequence[SendResult], unknown: int, missing: int) -> str:
    if not sends:
        return "Nothing was sent yet"
    jobs = sum(len(send.ids) for send in sends)
    recipients = sum(send.accepted or 0 for send in sends)
    accepted_parts = [pluralize(recipients, "recipient")] if recipients or not jobs else []
    accepted_parts += [pluralize(jobs, "job")] if jobs else []
    parts = []
    if recipients:
        handed, failed = (sum(counts) for counts in zip(*map(_delivered, sends), strict=True))
        waiting = sum(send.unprocessed for send in sends)
        parts += [f"{handed:,} handed to the carrier", f"{failed:,} not"]
        parts += [f"{waiting:,} not processed yet"] if waiting else []
    parts += [f"{pluralize(unknown, 'request')} unknown"] if unknown else []
    parts += [f"{pluralize(missing, 'request')} not sent"] if missing else []
    headline = f"{' and '.join(accepted_parts)} accepted"
    return f"{headline}: {', '.join(parts)}" if parts else headline


def _delivered(send: SendResult) -> tuple[int, int]:
    return (send.handed or 0, send.failed or 0)


def _actions(unknown: Sequence[RequestKey], missing: int) -> Iterator[str]:
    if unknown:
        yield settle_action(unknown)
    if missing:
        yield RUN_AGAIN
