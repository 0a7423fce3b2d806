"""Entries of the ledger, written as a journal line and read back."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sendspec.ledger import Intent, Moved, RevisionStarted, Settled
from sendspec.ledger.codec import journal_value
from sendspec.ledger.journal import decode_lines, encode_line
from sendspec.ledger.record_json import entry_from_json
from sendspec.model import (
    Endpoint,
    LedgerState,
    Move,
    OutcomeReason,
    Recipients,
    RequestKey,
    RequestRecord,
    RequestState,
    SendRecord,
    SettledBy,
)


def values(kind, *parts, **fields):
    """Return a strategy for values of a type."""
    # Hypothesis would evaluate the annotations of a struct, whose names only type checkers import.
    return st.tuples(st.tuples(*parts), st.fixed_dictionaries(fields)).map(
        lambda made: kind(*made[0], **made[1])
    )


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
COUNTS = st.integers(0, 10**6)
TIMES = st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ADDRESSES = st.from_regex(r"[a-z]{1,8}/[a-z]{1,8}", fullmatch=True)
KEYS = values(RequestKey, ADDRESSES, st.integers(1, 99), st.integers(1, 999))
ENDPOINTS = st.sampled_from(Endpoint)
IDS = {"job_id": st.none() | st.integers(1, 2**53), "transaction_id": st.none() | TEXTS.filter(bool)}
OUTCOMES = {
    "state": st.sampled_from([RequestState.SENT, RequestState.NOT_SENT, RequestState.UNKNOWN]),
    "at": TIMES,
    "attempts": COUNTS,
    **IDS,
    "reason": st.sampled_from(OutcomeReason),
    "evidence": st.none() | TEXTS.filter(bool),
    "settled_by": st.sampled_from(SettledBy),
    "run": st.none() | TEXTS.filter(bool),
}
RECORDS = values(
    SendRecord,
    endpoint=ENDPOINTS,
    revision=st.integers(1, 99),
    payload=st.dictionaries(TEXTS, TEXTS | st.integers(-(2**53), 2**53), max_size=3),
    payload_digest=TEXTS,
    recipients=st.none() | values(Recipients, COUNTS, TEXTS, st.none() | ADDRESSES),
    axes=st.lists(TEXTS, max_size=2).map(tuple),
    requests=st.lists(values(RequestRecord, batch=st.integers(1, 999), **OUTCOMES), max_size=2).map(tuple),
)
ENTRIES = st.one_of(
    values(RevisionStarted, TEXTS, RECORDS),
    values(Intent, KEYS, TIMES, COUNTS, st.none() | TEXTS.filter(bool)),
    values(Settled, key=KEYS, **OUTCOMES),
    values(
        Moved,
        st.lists(values(Move, ADDRESSES, ADDRESSES, st.lists(TEXTS, max_size=2).map(tuple)), max_size=2).map(
            tuple
        ),
    ),
)


@given(st.lists(ENTRIES, min_size=1, max_size=3))
def test_an_entry_is_read_back_equal(entries) -> None:
    """What is written about any entry is enough to read the same entry back."""
    line = encode_line(journal_value(LedgerState("production", "api.example"), entries))
    (value,), length = decode_lines(line, "journal")
    assert length == len(line)
    assert [entry_from_json(entry) for entry in value["entries"]] == entries
