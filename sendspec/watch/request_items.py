"""Items about requests in the ledger: unknown outcomes, open deliveries, jobs that a person must stop."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sendspec.compare import jobs_at_vendor, may_be_in_progress
from sendspec.model import RequestKey, RequestState
from sendspec.watch.items import WatchItem, WatchReason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sendspec.model import RequestRecord, SendRecord, VendorJob
    from sendspec.watch.items import WatchLimits


def unknown_item(
    address: str, record: SendRecord, until: datetime | None, limits: WatchLimits, now: datetime
) -> WatchItem | None:
    """Return the requests whose outcome has been unknown for long, None if there are none.

    Before the send expires at `until`, all of them count, except those that a run may be sending.
    """
    closing = until is not None and now < until <= now + limits.closing
    found = [
        (key, request)
        for key, request in _requests(address, record)
        if request.state.is_open
        and not may_be_in_progress(request, now)
        and (closing or now - request.first_at > limits.unknown)
    ]
    if not found:
        return None
    return WatchItem(
        WatchReason.UNKNOWN,
        address,
        since=min(request.first_at for _, request in found),
        until=until,
        is_closing=closing,
        requests=tuple(key for key, _ in found),
    )


def unsettled_items(
    address: str, record: SendRecord, limits: WatchLimits, now: datetime
) -> Iterator[WatchItem]:
    """Yield an item for each revision with accepted requests whose delivery has been open for long."""
    found = [
        (key, request)
        for key, request in _requests(address, record)
        if _is_unsettled(request) and limits.unsettled < now - request.at <= limits.forgotten
    ]
    for _, group in groupby(found, key=lambda pair: pair[0].revision):
        pairs = tuple(group)
        yield WatchItem(
            WatchReason.UNSETTLED,
            address,
            since=min(request.at for _, request in pairs),
            requests=tuple(key for key, _ in pairs),
        )


def job_items(  # noqa: PLR0913 - the whole basis of one decision, named
    address: str,
    record: SendRecord,
    revision: int | None,
    *,
    is_edited: bool,
    limits: WatchLimits,
    now: datetime,
) -> Iterator[WatchItem]:
    """Yield an item for each job that the vendor will start, although the specs say something else.

    `revision` is that of the specs, None if they do not have the send.
    """
    for job in jobs_at_vendor(record, now):
        reason = _job_reason(job, revision, is_edited=is_edited)
        if reason is not None:
            key = RequestKey(address, job.revision, job.request.batch)
            closing = job.due <= now + limits.closing
            yield WatchItem(reason, address, until=job.due, is_closing=closing, requests=(key,), job=job)


def _job_reason(job: VendorJob, revision: int | None, *, is_edited: bool) -> WatchReason | None:
    if revision is None:
        return WatchReason.JOB_REMOVED
    if job.revision < revision:
        return WatchReason.JOB_REPLACED
    return WatchReason.JOB_EDITED if is_edited else None


def _requests(address: str, record: SendRecord) -> Iterator[tuple[RequestKey, RequestRecord]]:
    for revision in record.revisions:
        for request in revision.requests:
            yield RequestKey(address, revision.revision, request.batch), request


def _is_unsettled(request: RequestRecord) -> bool:
    if request.state is not RequestState.SENT or request.transaction_id is None:
        return False
    # Every transaction has contacts, so a status without contacts is not a final one.
    delivery = request.delivery
    return delivery is None or not delivery.total or delivery.processed < delivery.total
