"""The decisions of `sendspec resolve`: which request a name means, and whether it may be settled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from sendspec.compare import due_date, may_be_in_progress
from sendspec.errors import SendspecError, Usage
from sendspec.formatting import format_timestamp, whole_seconds
from sendspec.ledger import Settled, Stopped
from sendspec.model import (
    IdKind,
    JobStop,
    OutcomeReason,
    RequestKey,
    RequestState,
    SettledBy,
    read_job_id,
    read_transaction_id,
)
from sendspec.outcome_log import recover_outcomes
from sendspec.record_phrases import due_text, wait_text
from sendspec.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sendspec.model import LedgerState, RequestRecord, SendRecord, VendorId

_NUMBER: Final = r"[0-9]{1,18}"
"""A number that fits into 64 bits; Python refuses to convert thousands of digits."""

_REQUEST: Final = re.compile(rf"(.+?)(?:@({_NUMBER}))?#({_NUMBER})")
_JOB_ID: Final = re.compile(r"[0-9]{1,19}")
_SHOWN_MAX: Final = 60


class FoundRequest(NamedTuple):
    """A request of the ledger that a person may settle, with its revision of the send."""

    key: RequestKey
    record: SendRecord
    request: RequestRecord


class RequestName(NamedTuple):
    """A request as a person names it: `ADDRESS#BATCH` or `ADDRESS@REVISION#BATCH`."""

    address: str
    revision: int | None
    batch: int

    def __str__(self) -> str:
        revision = "" if self.revision is None else f"@{self.revision}"
        return f"{self.address}{revision}#{self.batch}"


def parse_request(text: str) -> RequestName:
    """Return the parts of a request name; raise Usage if it does not have the form of one."""
    match = _REQUEST.fullmatch(text)
    if match is None:
        raise Usage(
            f"'{text}' is not ADDRESS#BATCH or ADDRESS@REVISION#BATCH",
            hint="copy the name from `sendspec plan`, such as 'spring-sale/last-call[en]#3'",
        )
    address, revision, batch = match.groups()
    return RequestName(address, None if revision is None else int(revision), int(batch))


def find_request(state: LedgerState, name: RequestName, *, accepted: bool) -> FoundRequest:
    """Return the request that a person wants to settle, as accepted or as not accepted.

    An unknown request can be settled either way. A request that a person settled as not sent by mistake
    can be settled as accepted, because then it is not sent again.

    Raises:
        SendspecError: no request of that name can be settled so, or several revisions have one.
    """
    name = name._replace(address=state.address_of(name.address))
    latest = state.sends.get(name.address)
    if latest is None:
        raise SendspecError(
            f"the ledger of target '{state.target}' does not contain the send '{name.address}'; nothing was "
            "changed",
            hint="copy the name of an unknown request from `sendspec plan`",
        )
    found = [
        FoundRequest(RequestKey(name.address, record.revision, name.batch), record, request)
        for record in latest.revisions
        for request in record.requests
        if name.revision in (None, record.revision)
        and name.batch == request.batch
        and _can_be_settled(request, accepted=accepted)
    ]
    if not found:
        raise SendspecError(
            f"the ledger has no unknown outcome of {name}; nothing was changed",
            hint="run `sendspec plan` for a list of the unknown requests",
        )
    if len(found) > 1:
        names = " or ".join(f"'{key.address}@{key.revision}#{key.batch}'" for key, _, _ in found)
        raise SendspecError(
            f"{name} is a request of several revisions; nothing was changed", hint=f"name {names}"
        )
    return found[0]


def _can_be_settled(request: RequestRecord, *, accepted: bool) -> bool:
    return request.state.is_open or (accepted and request.state is RequestState.NOT_SENT)


def settlement(
    state: LedgerState, found: FoundRequest, sent_id: str | None, reason: str, now: datetime
) -> Settled:
    """Return the entry that settles a request as a person states; `sent_id` None means not sent.

    Raises:
        Usage: `sent_id` is not an id that the vendor could have given to this request.
    """
    vendor_id = None if sent_id is None else _parse_id(found, sent_id)
    owner = None if vendor_id is None else state.vendor_ids().get(vendor_id)
    if owner not in (None, found.key):
        raise Usage(f"'{sent_id}' is the id of {owner}", hint="copy the id from the vendor's reports")
    return Settled(
        key=found.key,
        state=RequestState.NOT_SENT if vendor_id is None else RequestState.SENT,
        at=whole_seconds(now),
        attempts=found.request.attempts,
        job_id=vendor_id if isinstance(vendor_id, int) else None,
        transaction_id=vendor_id if isinstance(vendor_id, str) else None,
        reason=OutcomeReason.STATED,
        evidence=Redactor()(reason),
        settled_by=SettledBy.PERSON,
    )


def stop_of(state: LedgerState, name: RequestName, reason: str, now: datetime) -> Stopped:
    """Return the entry for a send job that a person stopped at the vendor before its date.

    Raises:
        SendspecError: the ledger has no such job that the vendor starts later. A job whose date has come
            may have reached recipients, so it stays sent.
    """
    name = name._replace(address=state.address_of(name.address))
    revisions = state.sends[name.address].revisions if name.address in state.sends else ()
    found = [
        (record, request)
        for record in revisions
        for request in record.requests
        if request.state is RequestState.SENT
        and name.revision in (None, record.revision)
        and name.batch == request.batch
        and record.endpoint.traits.id_kind is IdKind.JOB
    ]
    waiting = [
        (record, request)
        for record, request in found
        if not request.is_stopped and (due := due_date(record)) is not None and due > now
    ]
    if len(waiting) != 1:
        _refuse_stop(name, found, waiting)
    record, request = waiting[0]
    key = RequestKey(name.address, record.revision, name.batch)
    return Stopped(key, JobStop(whole_seconds(now), Redactor()(reason), tuple(map(str, request.vendor_ids))))


def _refuse_stop(
    name: RequestName,
    found: Sequence[tuple[SendRecord, RequestRecord]],
    waiting: Sequence[tuple[SendRecord, RequestRecord]],
) -> NoReturn:
    if waiting:
        names = " or ".join(f"'{name.address}@{record.revision}#{name.batch}'" for record, _ in waiting)
        raise SendspecError(
            f"{name} is a job of several revisions; nothing was changed", hint=f"name {names}"
        )
    if not found:
        raise SendspecError(
            f"the ledger has no send job {name} that the vendor accepted; nothing was changed",
            hint="use --stopped only for a job that `sendspec plan` shows as with the vendor",
        )
    record, request = found[0]
    if request.is_stopped:
        raise SendspecError(
            f"the ledger already records {name} as stopped; nothing was changed",
            hint="write a higher `revision` in the specs to send it again",
        )
    due = due_date(record)
    start = "to start immediately" if due is None else due_text(due)
    raise SendspecError(
        f"{name} was {start} in the ledger, so it may have reached recipients; nothing was changed",
        hint="look it up in the vendor's reports; write a higher `revision` in the specs to send it again",
    )


def check_run_ended(found: FoundRequest, now: datetime) -> None:
    """Raise SendspecError if the run of a request may still be posting it.

    Only a recent intent counts, because a git ledger has no lock to check.
    """
    request = found.request
    if may_be_in_progress(request, now):
        raise SendspecError(
            f"{found.key} was started at {format_timestamp(request.at)} and its run may still be sending it; "
            "nothing was changed",
            hint=f"wait until {wait_text(request)}, or add --run-is-gone if you have checked that the run "
            "has ended",
        )


def check_spool(state: LedgerState, key: RequestKey, lines: Iterable[str], command: str) -> None:
    """Raise SendspecError if the spool proves that a request was sent; `command` records the spool."""
    for outcome in recover_outcomes(lines, state).outcomes:
        if outcome.key == key and outcome.state is RequestState.SENT:
            raise SendspecError(
                f"{key} was sent: the spool of this directory contains its acceptance; nothing was changed",
                hint=f"record the acceptance with `{command}`",
            )


def _parse_id(found: FoundRequest, text: str) -> VendorId:
    """Return an id that an answer of the vendor could contain for this request."""
    if found.record.endpoint.traits.id_kind is IdKind.JOB:
        job_id = read_job_id(int(text)) if _JOB_ID.fullmatch(text) else None
        if job_id is None:
            raise Usage(
                f"'{text}' is not a job id", hint="use the number of the job from the vendor's reports"
            )
        return job_id
    transaction_id = read_transaction_id(text)
    if transaction_id is None:
        raise Usage(f"'{text[:_SHOWN_MAX]}' is not an id", hint="copy the id from the vendor's reports")
    return transaction_id
