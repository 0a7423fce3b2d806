"""The lockfile schema and the encoding of the ledger's data."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sendspec import schema
from sendspec.errors import LedgerCorrupt
from sendspec.ledger import Delivered, Intent, RevisionStarted, Settled
from sendspec.ledger.codec import FileNames, lockfile_bytes, lockfile_state
from sendspec.ledger.journal import to_json
from sendspec.ledger.journal_entries import fold
from sendspec.ledger.record_json import entry_from_json, entry_to_json
from sendspec.model import (
    Delivery,
    Endpoint,
    LedgerState,
    Location,
    Locations,
    OutcomeReason,
    RequestKey,
    RequestState,
    SettledBy,
)
from sendspec.structs import replace
from tests.ledgers import AT, accepted, record, started

if TYPE_CHECKING:
    from sendspec.ledger import Entry

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "lockfile.schema.json").read_text())
EMPTY = LedgerState("production", "api.example")
KEY = RequestKey("sale/teaser", 1, 1)
NAMES = FileNames("lock", "journal")

OUTCOMES = [
    Settled(KEY, state, AT, 1, reason=reason, evidence="x", settled_by=source, run="3f2a9c01")
    for state in RequestState
    for reason in (None, *OutcomeReason)
    for source in SettledBy
]
ENTRIES: list[Entry] = [
    RevisionStarted(KEY.address, record()),
    Intent(KEY, AT),
    Intent(KEY, AT, attempts=2, run="3f2a9c01"),
    Intent(KEY, AT, attempts=2, run="3f2a9c01", since=AT - timedelta(hours=1)),
    Settled(KEY, RequestState.SENT, AT, 1, job_id=7),
    Settled(KEY, RequestState.UNKNOWN, AT, 1, since=AT - timedelta(hours=1)),
    Settled(KEY, RequestState.SENT, AT, 1, transaction_id="1a2b"),
    Delivered(KEY, Delivery(3, 3, 2, 1, {"no-consent": 1}, AT)),
    *OUTCOMES,
]


@pytest.mark.parametrize(
    ("name", "values"), [("reason", OutcomeReason), ("settledBy", SettledBy), ("state", RequestState)]
)
def test_the_schema_has_exactly_the_codes_of_the_model(name: str, values: Any) -> None:
    """A new code in the model is a new code in the schema, and the other way round."""
    assert SCHEMA["$defs"]["request"]["properties"][name]["enum"] == [code.value for code in values]


def test_the_schema_has_exactly_the_endpoints_of_the_model() -> None:
    """The lockfile allows each endpoint and no other."""
    assert SCHEMA["$defs"]["endpoint"]["enum"] == [endpoint.value for endpoint in Endpoint]


def test_each_entry_is_decoded_to_itself() -> None:
    """Encoding to a journal line and decoding it keeps every field of every kind of entry."""
    for entry in ENTRIES:
        assert entry_from_json(json.loads(to_json(entry_to_json(entry)))) == entry


def test_an_unknown_kind_of_entry_is_refused() -> None:
    """A journal of a later version is an error, not an entry without effect."""
    with pytest.raises(ValueError, match="unknown entry kind 'renamed'"):
        entry_from_json({"entry": "renamed"})


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_outcome_is_valid_in_a_lockfile(outcome: Settled) -> None:
    """A lockfile with any state, reason and source matches the schema and is decoded to itself."""
    state = fold(EMPTY, [*started(KEY.address), outcome])
    content = lockfile_bytes(state)
    assert schema.check("lockfile", json.loads(content), Locations(Location("x"))) == []
    assert lockfile_state(content, FileNames("x", "y"), EMPTY) == state


TIMES = {
    "2026-12-01T19:00:03Z": True,
    "2024-02-29T00:00:00Z": True,
    "2026-12-01T19:00:03.5Z": False,
    "2026-12-01T19:00:03+00:00": False,
    "2026-12-01t19:00:03z": False,
    "2026-12-01 19:00:03Z": False,
    "2026-13-01T19:00:03Z": False,
    "2026-12-32T19:00:03Z": False,
    "2026-12-01T24:00:03Z": False,
    "2026-12-01T19:60:03Z": False,
    "2026-12-01T19:00:60Z": False,
    "2026-12-1T19:00:03Z": False,
    "2030-02-30T00:00:00Z": False,
    "0000-12-01T19:00:03Z": False,
    "": False,
}


@pytest.mark.parametrize(("text", "valid"), TIMES.items(), ids=TIMES)
def test_a_time_is_utc_to_the_second(text: str, valid: bool) -> None:  # noqa: FBT001 - a table
    """The lockfile takes a time only as sendspec writes it, and other text is corruption."""
    content = lockfile_bytes(fold(EMPTY, [*started(KEY.address), accepted(KEY.address)]))
    value = json.loads(content.replace(b"2026-12-01T19:00:03Z", text.encode()))
    del value["digest"]
    changed = json.dumps(value).encode()
    if valid:
        request = lockfile_state(changed, FileNames("x", "y"), EMPTY).request(KEY)
        assert request is not None
        assert request.at == datetime.fromisoformat(text).astimezone(UTC)
        return
    with pytest.raises(LedgerCorrupt, match=r"^x:\d+:\d+: not a valid lockfile: "):
        lockfile_state(changed, FileNames("x", "y"), EMPTY)


INTEGERS = [
    ("serial",),
    ("sends", KEY.address, "revision"),
    ("sends", KEY.address, "recipients", "count"),
    ("sends", KEY.address, "requests", 0, "batch"),
    ("sends", KEY.address, "requests", 0, "attempts"),
    ("sends", KEY.address, "requests", 0, "delivery", "failed"),
]


@pytest.mark.parametrize("path", INTEGERS, ids=lambda path: str(path[-1]))
def test_a_decimal_number_is_not_an_integer_of_a_lockfile(path: tuple[str | int, ...]) -> None:
    """`1.0` where the schema wants an integer is refused, also in the exact layout of a lockfile."""
    delivered = Delivered(KEY, Delivery(3, 3, 2, 1, {}, AT))
    state = fold(EMPTY, [*started(KEY.address), accepted(KEY.address), delivered])
    value = json.loads(lockfile_bytes(replace(state, serial=1)))
    part = value
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = float(part[path[-1]])
    assert lockfile_state(lockfile_bytes(state), NAMES, EMPTY) == state
    with pytest.raises(LedgerCorrupt, match=f"{path[-1]}' must be"):
        lockfile_state(to_json(value, indented=True) + b"\n", NAMES, EMPTY, accept_edits=True)


@pytest.mark.parametrize("number", [1.5, -2.0, 1e300, [0.5], "1: 2.5"])
def test_payloads_may_have_decimal_numbers(number: Any) -> None:
    """A payload is that of the API, so its values may be decimal numbers; another layout changes nothing."""
    start = RevisionStarted(KEY.address, replace(record(), payload={"x": number}))
    state = fold(EMPTY, [start, Intent(KEY, AT), accepted(KEY.address)])
    content = lockfile_bytes(state)
    for written in (content, json.dumps(json.loads(content)).encode()):
        assert lockfile_state(written, NAMES, EMPTY) == state


def test_a_key_twice_is_found_in_any_layout() -> None:
    """The exact layout of a lockfile does not hide that one of two records of a send would win."""
    content = lockfile_bytes(fold(EMPTY, [*started(KEY.address), accepted(KEY.address)]))
    first, _, rest = content.partition(b'"account"')
    twice = first + b'"account": "api.example",\n  "account"' + rest
    with pytest.raises(LedgerCorrupt, match="account"):
        lockfile_state(twice, NAMES, EMPTY)
