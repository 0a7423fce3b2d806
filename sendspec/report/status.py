"""The status of transactions as text, as JSON (`schemas/status.schema.json`) and as a CSV of failures."""

from __future__ import annotations

import csv
import io
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sendspec.formatting import format_timestamp, pluralize
from sendspec.model import DeliveryReason, StatusReason
from sendspec.redact import mask_number
from sendspec.report.escape.csv_cell import escape_cell
from sendspec.report.escape.json_text import json_document
from sendspec.report.escape.plain import escape_text
from sendspec.report.escape.workflow import workflow_command
from sendspec.report.run_review import settle_action
from sendspec.status import total_delivery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sendspec.audience.list_rows import ListRows
    from sendspec.model import Delivery, RequestKey
    from sendspec.report.run_review import RunReview
    from sendspec.status import TransactionStatus

_EXAMPLES_MAX: Final = 3
_STATUS_COLUMNS: Final = ("address", "batch", "transactionId", "contact", "reason")
_NO_LISTS: Final[Mapping[str, ListRows]] = MappingProxyType({})

_SENTENCES: Final = {
    StatusReason.SETTLED: "the vendor has processed every contact",
    StatusReason.PROCESSING: "the vendor is still processing contacts",
    StatusReason.NOT_FOUND_YET: "the vendor does not know the transaction yet",
    StatusReason.BUSY: "the vendor was busy",
    StatusReason.UNAVAILABLE: "the vendor did not answer",
    StatusReason.REFUSED: "the vendor refused the query",
    StatusReason.NOT_QUERIED: "the vendor was not queried",
}


DELIVERY_FAILURES: Final = {
    DeliveryReason.NO_CONSENT: "no consent",
    DeliveryReason.INVALID_NUMBER: "invalid phone number",
    DeliveryReason.NOT_FOUND: "contact not found",
    DeliveryReason.BLOCKED: "blocked",
    DeliveryReason.NOT_GIVEN: "no reason given",
    DeliveryReason.OTHER: "another reason, see --failed-csv",
}


def status_text(statuses: Sequence[TransactionStatus], unknown: Sequence[RequestKey] = ()) -> str:
    """Return a line for each transaction, then totals, the reasons of failures, and unknown requests.

    It is empty without any of them.
    """
    lines = [*(_total_lines(statuses) if statuses else ()), *(_unknown_lines(unknown) if unknown else ())]
    return "".join(f"{line}\n" for line in lines)


def _unknown_lines(unknown: Sequence[RequestKey]) -> Iterator[str]:
    yield f"{pluralize(len(unknown), 'request')} unknown"
    yield f"  hint: {escape_text(settle_action(unknown))}"


def _total_lines(statuses: Sequence[TransactionStatus]) -> list[str]:
    total = total_delivery(statuses)
    lines = [*map(_line, statuses), "", _counts(total)]
    for reason, count in total.reasons.items():
        # The ledger stores no numbers, so only queried transactions have examples.
        identities = (
            contact.identity for status in statuses for contact in status.failed if contact.reason == reason
        )
        examples = ", ".join(_masked(identity) for identity in islice(identities, _EXAMPLES_MAX))
        such = f" (such as {examples})" if examples else ""
        lines.append(f"  {count:,} x {DELIVERY_FAILURES[DeliveryReason(reason)]}{such}")
    return lines


def status_json(statuses: Sequence[TransactionStatus]) -> str:
    """Return the statuses as a JSON document, without phone numbers."""
    rows = [
        {
            "address": status.transaction.key.address,
            "revision": status.transaction.key.revision,
            "batch": status.transaction.key.batch,
            "transactionId": status.transaction.transaction_id,
            "settled": status.settled,
            "reason": status.reason.value,
            "text": status.detail or _SENTENCES[status.reason],
            "fromLedger": status.from_ledger,
            "delivery": _delivery_value(status.delivery) if status.delivery else None,
        }
        for status in statuses
    ]
    total = _delivery_value(total_delivery(statuses))
    return json_document({"version": 1, "total": total, "transactions": rows})


def failed_csv(statuses: Sequence[TransactionStatus], lists: Mapping[str, ListRows] = _NO_LISTS) -> str:
    """Return all contacts that the vendor refused, unmasked, in cells that are not formulas.

    `lists` has the rows of these contacts by the address of the send. Their columns follow those of the
    status; a column of the same name as one of these is called `NAME (list)`.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    columns = tuple(dict.fromkeys(name for rows in lists.values() for name in rows.names))
    header = [*_STATUS_COLUMNS, *(f"{name} (list)" if name in _STATUS_COLUMNS else name for name in columns)]
    writer.writerow([escape_cell(name) for name in header])
    for status in statuses:
        key, transaction_id = status.transaction.key, status.transaction.transaction_id
        rows = lists.get(key.address)
        for contact in status.failed:
            cells = (rows.cells(contact.identity) if rows else None) or {}
            row = (key.address, str(key.batch), transaction_id, contact.identity, contact.message)
            writer.writerow(
                [escape_cell(cell) for cell in (*row, *(cells.get(name, "") for name in columns))]
            )
    return buffer.getvalue()


def status_outputs(statuses: Sequence[TransactionStatus]) -> dict[str, str]:
    """Return `settled`, `handed` and `not-handed` for the next steps of a workflow."""
    total = total_delivery(statuses)
    return {
        "settled": "true" if all(status.settled for status in statuses) else "false",
        "handed": str(total.sent),
        "not-handed": str(total.failed),
    }


def status_annotations(review: RunReview) -> str:
    """Return what a person must do about the sends as workflow commands."""
    lines = [workflow_command("warning", {"title": "To do"}, action) for action in review.actions]
    return "".join(f"{line}\n" for line in lines)


def _masked(identity: str) -> str:
    return mask_number(identity) if identity.isdecimal() else "a lookup"


def _line(status: TransactionStatus) -> str:
    name = escape_text(str(status.transaction.key))
    detail = escape_text(status.detail)
    if status.delivery is None:
        return f"{name}  not known: {detail or _SENTENCES[status.reason]}"
    state = "settled" if status.settled else "processing"
    known = f"known since {_answered_at(status.delivery)}" if status.from_ledger else ""
    note = detail or known
    return f"{name}  {state}: {_counts(status.delivery)}{f'  {note}' if note else ''}"


def _answered_at(delivery: Delivery) -> str | None:
    return None if delivery.at is None else format_timestamp(delivery.at)


def _counts(delivery: Delivery) -> str:
    return (
        f"{delivery.sent:,} handed to the carrier, {delivery.failed:,} not, "
        f"{delivery.processed:,} of {pluralize(delivery.total, 'contact')} processed"
    )


def _delivery_value(delivery: Delivery) -> dict[str, Any]:
    return {
        "total": delivery.total,
        "processed": delivery.processed,
        "sent": delivery.sent,
        "failed": delivery.failed,
        "reasons": dict(delivery.reasons),
        "at": _answered_at(delivery),
    }
