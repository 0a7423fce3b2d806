"""The encoding of lockfiles and journal lines: JSON that names the target and account it belongs to."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sendspec import schema
from sendspec.errors import LedgerCorrupt, LedgerError
from sendspec.ledger.corruption import (
    RESTORE,
    find_inconsistency,
    invalid_json,
    invalid_shape,
    invalid_time,
    outdated_lockfile,
    reject_duplicate_keys,
)
from sendspec.ledger.journal import decode_lines, to_json
from sendspec.ledger.journal_entries import OrphanEntry, fold
from sendspec.ledger.serializers import entry_from_json, entry_to_json, record_from_json, record_to_json
from sendspec.model import Location, Locations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.ledger.journal_entries import Entry
    from sendspec.model import LedgerState

LOCKFILE_VERSION: Final = 1
_INVALID_LINE: Final = (OrphanEntry, KeyError, TypeError, ValueError, AttributeError)
"""The exceptions that decoding a line raises if sendspec did not write it."""


class FileNames(NamedTuple):
    """The names of the two files of a ledger in messages."""

    lockfile: str
    journal: str


def lockfile_bytes(state: LedgerState) -> bytes:
    """Return a state as a lockfile: sorted, indented, one final newline, always the same bytes."""
    value = {
        "version": LOCKFILE_VERSION,
        "target": state.target,
        "account": state.account,
        **_serial_to_json(state),
        "sends": {address: record_to_json(record) for address, record in state.sends.items()},
    }
    return to_json(value, indented=True) + b"\n"


def lockfile_state(content: bytes, shown: str, expected: LedgerState) -> LedgerState:
    """Return the state in a lockfile; `shown` is its name in messages.

    Raises:
        LedgerCorrupt: the content is not a lockfile of this version.
        LedgerError: the lockfile belongs to another target or account than `expected`.
    """
    value = _valid_value(content, shown)
    check_owner(value["target"], value["account"], shown, expected)
    try:
        sends = {str(address): record_from_json(record) for address, record in value["sends"].items()}
    except ValueError as error:
        raise invalid_time(content, shown, value) from error
    return replace(expected, sends=sends, serial=value.get("serial", 0))


@lru_cache(maxsize=1)
def _valid_value(content: bytes, shown: str) -> Any:
    # A run reads its lockfile at the start and again, unchanged, before it folds, so one value is cached.
    try:
        value = json.loads(content, object_pairs_hook=reject_duplicate_keys)
    except (ValueError, RecursionError) as error:
        raise invalid_json(content, shown, error) from error
    if schema.check("lockfile", value, Locations(Location(shown))):
        raise invalid_shape(content, shown, value)
    if inconsistency := find_inconsistency(content, shown, value):
        raise inconsistency
    return value


def journal_value(state: LedgerState, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the JSON value of a journal line: the owner of the ledger, the serial, the entries."""
    return {
        "target": state.target,
        "account": state.account,
        **_serial_to_json(state),
        "entries": [entry_to_json(entry) for entry in entries],
    }


def decode_ledger(
    lockfile: bytes | None, journal: bytes | None, shown: FileNames, expected: LedgerState
) -> tuple[LedgerState, int]:
    """Return the state of lockfile and journal together; either may be absent.

    Returns:
        The state, and the length of the valid part of the journal in bytes; a torn last line follows it.

    Raises:
        LedgerCorrupt: the lockfile or the journal was changed after sendspec wrote it.
        LedgerError: either belongs to another target or account than `expected`.
    """
    state = expected if lockfile is None else lockfile_state(lockfile, shown.lockfile, expected)
    if not journal:
        return state, 0
    values, valid = decode_lines(journal, shown.journal)
    try:
        return _fold_values(state, values, shown.journal), valid
    except _INVALID_LINE as error:
        line = _first_invalid_line(state, values, shown.journal)
        message = f"{shown.journal}:{line}: this line is not a valid entry: {error}"
        raise LedgerCorrupt(message, hint=RESTORE) from error


def _fold_values(state: LedgerState, values: Sequence[Any], shown: str) -> LedgerState:
    for value in values:
        check_owner(value["target"], value["account"], shown, state)
        if value.get("serial", 0) > state.serial:
            raise outdated_lockfile(shown, value["serial"], state.serial, "this journal continues")
    return fold(state, [entry_from_json(entry) for value in values for entry in value["entries"]])


def _first_invalid_line(state: LedgerState, values: Sequence[Any], shown: str) -> int:
    def is_invalid(lines: int) -> bool:
        try:
            _fold_values(state, values[:lines], shown)
        except _INVALID_LINE:
            return True
        return False

    counts = range(1, len(values) + 1)
    return counts[bisect_left(counts, 1, key=lambda lines: int(is_invalid(lines)))]


def check_owner(target: str, account: str, shown: str, expected: LedgerState) -> None:
    """Raise for a ledger of another target or account, because its requests are not those of this run.

    Raises:
        LedgerError: `target` or `account` differs from `expected`.
    """
    if (target, account) == (expected.target, expected.account):
        return
    raise LedgerError(
        f"{shown}:1: this belongs to target '{target}' at {account}, "
        f"not to '{expected.target}' at {expected.account}",
        hint="give the target a new name if its host is new; move the lockfile away only if the specs repeat "
        "none of its sends",
    )


def _serial_to_json(state: LedgerState) -> dict[str, int]:
    # A git ledger has no serial, because its branch has a history.
    return {"serial": state.serial} if state.serial else {}
