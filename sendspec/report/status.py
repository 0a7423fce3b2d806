"""What became of what was sent, as a person reads it, as JSON, and as a CSV of who got nothing."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sendspec.formatting import pluralize
from sendspec.redact import mask_number
from sendspec.report.escape import json_text, printable
from sendspec.status import totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.model import Delivery
    from sendspec.status import TransactionStatus

_EXAMPLES: Final = 3
_FORMULA: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What makes a spreadsheet compute a cell that begins with it; the last four are = + - @ in full width."""


def delivery_text(followed: Sequence[TransactionStatus]) -> str:
    """Give a line a transaction, then totals and the reasons why people got nothing."""
    lines = [_line(each) for each in followed]
    total = totals(followed)
    lines.append("")
    lines.append(_numbers(total))
    for reason, count in total.reasons.items():
        people = (c.identity for each in followed for c in each.failed if c.message == reason)
        # Of what is known from the ledger, nobody's number is: the ledger keeps none.
        examples = ", ".join(_masked(one) for one in islice(people, _EXAMPLES))
        lines.append(f"  {count:,} x {printable(reason)}{f' (such as {examples})' if examples else ''}")
    return "\n".join(lines) + "\n"


def delivery_json(followed: Sequence[TransactionStatus]) -> str:
    """Give the same for machines, without numbers of people."""
    rows = [
        {
            "address": each.transaction.key.address,
            "revision": each.transaction.key.revision,
            "batch": each.transaction.key.batch,
            "transactionId": each.transaction.transaction_id,
            "settled": each.settled,
            "known": each.known,
            "delivery": _value(each.delivery) if each.delivery else None,
            "note": each.note or None,
        }
        for each in followed
    ]
    total = _value(totals(followed))
    return json_text({"version": 1, "total": total, "transactions": rows})


def failed_csv(followed: Sequence[TransactionStatus]) -> str:
    """Give everyone who got nothing, unmasked, in cells that no spreadsheet takes for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(["address", "batch", "transactionId", "contact", "reason"])
    for each in followed:
        key = each.transaction.key
        for contact in each.failed:
            row = (
                key.address,
                str(key.batch),
                each.transaction.transaction_id,
                contact.identity,
                contact.message,
            )
            writer.writerow([guarded(cell) for cell in row])
    return buffer.getvalue()


def guarded(cell: str) -> str:
    """Give a cell that a spreadsheet shows and does not compute (OWASP's advice on CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _masked(identity: str) -> str:
    return mask_number(identity) if identity.isdecimal() else "a lookup"


def _line(followed: TransactionStatus) -> str:
    name = printable(str(followed.transaction.key))
    note = f"  {printable(followed.note)}" if followed.note else ""
    if followed.delivery is None:
        return f"{name}  not known{note}"
    state = "settled" if followed.settled else "under way"
    return f"{name}  {state}: {_numbers(followed.delivery)}{note}"


def _numbers(delivery: Delivery) -> str:
    return (
        f"{delivery.sent:,} handed to the carrier, {delivery.failed:,} not, "
        f"{delivery.processed:,} of {pluralize(delivery.total, 'contact')} processed"
    )


def _value(delivery: Delivery) -> dict[str, Any]:
    return {
        "total": delivery.total,
        "processed": delivery.processed,
        "sent": delivery.sent,
        "failed": delivery.failed,
        "reasons": dict(delivery.reasons),
    }
