"""The status of transactions as text, as JSON, and as a CSV of failures."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from sendspec import schema
from sendspec.acoustic.status_answer import FailedContact
from sendspec.model import Delivery, Location, Locations, RequestKey, StatusReason
from sendspec.report.escape.csv_cell import escape_cell
from sendspec.report.status import failed_csv, status_json, status_text
from sendspec.status import Transaction, TransactionStatus
from tests.snapshots import Json, Text

NOT_OPTED_IN, INVALID = "Contact is not opted in to the SMS program", "Phone number is invalid"
LOOKUP = '[{"channel":"EMAIL","name":"EMAIL","value":"a@example.com"}]'


def status(address: str, batch: int, *counts: int, revision: int = 1, **rest) -> TransactionStatus:
    """Return a status with the counts total, processed, sent, or without a delivery."""
    transaction = Transaction(RequestKey(address, revision, batch), f"1a2b-18d0{batch:03}-4d5e")
    if not counts:
        return TransactionStatus(transaction, StatusReason.NOT_FOUND_YET, **rest)
    total, processed, sent = counts
    failed = rest.get("failed", ())
    reasons = Counter(contact.reason.value for contact in failed)
    delivery = Delivery(total, processed, sent, len(failed), reasons, datetime(2030, 1, 15, 12, tzinfo=UTC))
    reason = StatusReason.SETTLED if processed == total else StatusReason.PROCESSING
    return TransactionStatus(transaction, reason, delivery, **rest)


STATUSES = (
    status("sale/last-call[en]", 1, 1000, 1000, 998, failed=(
        FailedContact("12125550190", NOT_OPTED_IN), FailedContact("12125550180", INVALID),
    )),
    status("sale/last-call[en]", 2, 430, 400, 396, failed=tuple(
        FailedContact(f"1212555019{last}", NOT_OPTED_IN) for last in range(1, 5)
    )),
    status("gate/change", 1, 2, 2, 1, failed=(FailedContact(LOOKUP, "##[error]\n::error::x"),)),
    status("gate/more", 1, revision=2),
    status("gate/most", 1, 1, 1, 1, detail="=1+1\x1b[31m"),
)  # fmt: skip


def test_statuses_as_text(snapshot):
    """Text has a line for each transaction, totals, and reasons of failures with masked examples."""
    text = status_text(STATUSES)
    assert text == snapshot(extension_class=Text)
    assert [line for line in text.splitlines() if line.strip().startswith("::") or "##[" in line] == []
    assert not any(contact.identity in text for each in STATUSES for contact in each.failed)


def test_statuses_as_json(snapshot):
    """JSON matches its schema and has counts and ids, but no phone number."""
    text = status_json(STATUSES)
    assert text == snapshot(extension_class=Json)
    assert "555" not in text
    assert json.loads(text)["total"]["failed"] == 7
    assert schema.check("status", json.loads(text), Locations(Location("status"))) == []


def test_failed_csv():
    """The CSV has a row with the full number for each contact that failed."""
    rows = list(csv.DictReader(io.StringIO(failed_csv(STATUSES), newline="")))
    assert [row["contact"] for row in rows] == [c.identity for each in STATUSES for c in each.failed]
    assert rows[0] == {
        "address": "sale/last-call[en]",
        "batch": "1",
        "transactionId": "1a2b-18d0001-4d5e",
        "contact": "12125550190",
        "reason": NOT_OPTED_IN,
    }
    assert rows[-1]["reason"] == "##[error]\n::error::x"


@pytest.mark.parametrize("start", tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))
def test_no_cell_is_a_formula(start):
    """A cell that a spreadsheet would compute gets an apostrophe, in any column."""
    formula = f"{start}HYPERLINK(1)"
    assert escape_cell(formula) == f"'{formula}"
    each = TransactionStatus(
        Transaction(RequestKey("a/b", 1, 1), formula),
        StatusReason.SETTLED,
        failed=(FailedContact(formula, formula),),
    )
    row = list(csv.reader(io.StringIO(failed_csv([each]), newline="")))[1]
    assert row == ["a/b", "1", *[f"'{formula}"] * 3]


@pytest.mark.parametrize("cell", ["", "12125550123", "Ada = Grace", " =1", "'=1"])
def test_other_cells_are_unchanged(cell):
    """A cell that a spreadsheet does not compute is unchanged."""
    assert escape_cell(cell) == cell
