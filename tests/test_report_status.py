"""What became of what was sent: for people, for machines, and as a list of who got nothing."""

from __future__ import annotations

import csv
import io
import json

import pytest

from sendspec.acoustic.status import FailedContact
from sendspec.model import Delivery, RequestKey
from sendspec.report.status import delivery_json, delivery_text, failed_csv, guarded
from sendspec.status import Transaction, TransactionStatus
from tests.snapshots import Json, Text

NOT_OPTED_IN, INVALID = "Contact is not opted in to the SMS program", "Phone number is invalid"
LOOKUP = '[{"channel":"EMAIL","name":"EMAIL","value":"a@example.com"}]'


def followed(address: str, batch: int, *numbers: int, **rest) -> TransactionStatus:
    """A transaction of which the vendor said (total, processed, sent), or nothing yet."""
    transaction = Transaction(RequestKey(address, 1, batch), f"1a2b-18d0{batch:03}-4d5e")
    if not numbers:
        return TransactionStatus(transaction, None, **rest)
    total, processed, sent = numbers
    failed = rest.get("failed", ())
    reasons = {one.message: sum(each.message == one.message for each in failed) for one in failed}
    delivery = Delivery(total, processed, sent, len(failed), reasons, "2030-01-15T12:00:00Z")
    return TransactionStatus(transaction, delivery, **rest)


FOLLOWED = (
    followed("sale/last-call[en]", 1, 1000, 1000, 998, failed=(
        FailedContact("12125550190", NOT_OPTED_IN), FailedContact("12125550180", INVALID),
    )),
    followed("sale/last-call[en]", 2, 430, 400, 396, failed=tuple(
        FailedContact(f"1212555019{last}", NOT_OPTED_IN) for last in range(1, 5)
    )),
    followed("gate/change", 1, 2, 2, 1, failed=(FailedContact(LOOKUP, "##[error]\n::error::x"),)),
    followed("gate/more", 1, note="the vendor does not know it yet"),
    followed("gate/most", 1, 1, 1, 1, note="=1+1\x1b[31m"),
)  # fmt: skip


def test_delivery_for_people(snapshot):
    """A line a transaction, totals, and why people got nothing, with a few masked numbers each."""
    text = delivery_text(FOLLOWED)
    assert text == snapshot(extension_class=Text)
    assert [line for line in text.splitlines() if line.strip().startswith("::") or "##[" in line] == []
    assert not any(contact.identity in text for each in FOLLOWED for contact in each.failed)


def test_delivery_for_machines(snapshot):
    """The same as JSON: counts and ids, nobody's number."""
    text = delivery_json(FOLLOWED)
    assert text == snapshot(extension_class=Json)
    assert "555" not in text
    assert json.loads(text)["total"]["failed"] == 7


def test_who_got_nothing():
    """The CSV has everybody in full, a row each, and reads back as it was."""
    rows = list(csv.DictReader(io.StringIO(failed_csv(FOLLOWED), newline="")))
    assert [row["contact"] for row in rows] == [c.identity for each in FOLLOWED for c in each.failed]
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
    """A cell that a spreadsheet would compute, in any column, comes with an apostrophe before it."""
    formula = f"{start}HYPERLINK(1)"
    assert guarded(formula) == f"'{formula}"
    each = TransactionStatus(
        Transaction(RequestKey("a/b", 1, 1), formula), None, (FailedContact(formula, formula),)
    )
    row = list(csv.reader(io.StringIO(failed_csv([each]), newline="")))[1]
    assert row == ["a/b", "1", *[f"'{formula}"] * 3]


@pytest.mark.parametrize("cell", ["", "12125550123", "Ada = Grace", " =1", "'=1"])
def test_other_cells_stay_as_they_are(cell):
    """What no spreadsheet computes is written as it is."""
    assert guarded(cell) == cell
