"""The encoding of lockfiles and journal lines: JSON that names the target and account it belongs to."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
import orjson

from sendspec import schema
from sendspec.errors import LedgerCorrupt, LedgerError
from sendspec.ledger.corruption import (
    edited_sends,
    find_inconsistency,
    invalid_json,
    invalid_shape,
    invalid_time,
    outdated_lockfile,
    reject_duplicate_keys,
)
from sendspec.ledger.file_damage import LOCKFILE_VERSION, UPGRADE, FileNames, find_accident
from sendspec.ledger.journal import decode_lines, to_json
from sendspec.ledger.journal_entries import OrphanEntry, fold
from sendspec.ledger.record_json import (
    UnknownEntryKind,
    entry_from_json,
    entry_to_json,
    groups_from_json,
    groups_to_json,
    record_from_json,
    record_to_json,
)
from sendspec.model import Location, Locations
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendspec.ledger.journal_entries import Entry
    from sendspec.model import LedgerState

__all__ = [
    "FileNames",
    "check_owner",
    "decode_ledger",
    "fold_journal",
    "is_edited",
    "journal_value",
    "lockfile_bytes",
    "lockfile_owner",
    "lockfile_state",
]

_CANONICAL: Final = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
_INVALID_LINE: Final = (OrphanEntry, KeyError, TypeError, ValueError, AttributeError)
"""The exceptions that decoding a line raises if sendspec did not write it."""


def lockfile_bytes(state: LedgerState) -> bytes:
    """Return a state as a lockfile: sorted, indented, one final newline, always the same bytes."""
    sends = {address: record_to_json(record) for address, record in state.sends.items()}
    value = {
        # An earlier sendspec refuses the second version with a hint, and an unknown key without one.
        "version": LOCKFILE_VERSION if state.groups.digests else 1,
        "target": state.target,
        "account": state.account,
        **_serial_to_json(state),
        "digest": _digest(sends, state.moved),
        "sends": sends,
        **({"moved": dict(state.moved)} if state.moved else {}),
        **({"listGroups": groups_to_json(state.groups)} if state.groups.digests else {}),
    }
    return to_json(value, indented=True) + b"\n"


def lockfile_state(
    content: bytes, names: FileNames, expected: LedgerState, *, accept_edits: bool = False
) -> LedgerState:
    """Return the state in a lockfile; with `accept_edits` its digest is not checked.

    Raises:
        LedgerCorrupt: the content is not a lockfile of this version, or was edited.
        LedgerError: the lockfile belongs to another target or account than `expected`.
    """
    value = _valid_value(content, names)
    check_owner(value["target"], value["account"], names.lockfile, expected)
    try:
        sends = {str(address): record_from_json(record) for address, record in value["sends"].items()}
    except ValueError as error:
        raise invalid_time(content, names, value) from error
    if not accept_edits and is_edited(content, names):
        raise edited_sends(content, names)
    return replace(
        expected,
        sends=sends,
        serial=value.get("serial", 0),
        moved=value.get("moved", {}),
        groups=groups_from_json(value.get("listGroups", {})),
    )


def lockfile_owner(content: bytes, names: FileNames) -> tuple[str, str]:
    """Return target and account of a lockfile; raise LedgerCorrupt if the content is not one."""
    value = _valid_value(content, names)
    return str(value["target"]), str(value["account"])


@lru_cache(maxsize=1)
def _valid_value(content: bytes, names: FileNames) -> Any:
    # A run reads its lockfile at the start and again, unchanged, before it folds, so one value is cached.
    value = _canonical_value(content)
    is_canonical = value is not None
    if not is_canonical:
        try:
            value = json.loads(content, object_pairs_hook=reject_duplicate_keys)
        except (ValueError, RecursionError) as error:
            raise invalid_json(content, names, error) from error
    if schema.check("lockfile", value, Locations(Location(names.lockfile)), has_decimals=not is_canonical):
        raise invalid_shape(content, names, value)
    if inconsistency := find_inconsistency(content, names, value):
        raise inconsistency
    return value


def _canonical_value(content: bytes) -> Any:
    """Return the value of a lockfile as `lockfile_bytes` writes it, None for any other content.

    Content that is written again byte by byte has no duplicate key, and nothing that msgspec reads otherwise
    than `json`. Content with a decimal number is not canonical either, because no property has one.
    """
    try:
        value = _DECODER.decode(content)
        return value if orjson.dumps(value, option=_CANONICAL) == content else None
    except (ValueError, TypeError, RecursionError):
        return None


def _refuse_decimal(number: str) -> Any:
    raise ValueError(number)


_DECODER: Final = msgspec.json.Decoder(float_hook=_refuse_decimal)


def is_edited(content: bytes, names: FileNames) -> bool:
    """Return whether the sends of a lockfile are not those that sendspec wrote.

    The digest detects accidents, such as an edit or a bad merge. A person can compute it, so it does
    not detect an attack. Lockfiles of the first versions do not have it.
    """
    value = _valid_value(content, names)
    return "digest" in value and value["digest"] != _digest(value["sends"], value.get("moved"))


def _digest(sends: Any, moved: Any) -> str:
    """Return the digest of `sends`, and of `moved` if there is one: their JSON without spaces.

    So the layout of the file does not matter.
    """
    content = to_json({"sends": sends, "moved": dict(moved)} if moved else sends)
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def journal_value(state: LedgerState, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the JSON value of a journal line: the owner of the ledger, the serial, the entries."""
    return {
        "target": state.target,
        "account": state.account,
        **_serial_to_json(state),
        "entries": [entry_to_json(entry) for entry in entries],
    }


def decode_ledger(
    lockfile: bytes | None,
    journal: bytes | None,
    names: FileNames,
    expected: LedgerState,
    *,
    accept_edits: bool = False,
) -> tuple[LedgerState, int]:
    """Return the state of lockfile and journal together; either may be absent.

    With `accept_edits` the digest of the lockfile is not checked.

    Returns:
        The state, and the length of the valid part of the journal in bytes; a torn last line follows it.

    Raises:
        LedgerCorrupt: the lockfile or the journal was changed after sendspec wrote it.
        LedgerError: either belongs to another target or account than `expected`.
    """
    state = (
        expected if lockfile is None else lockfile_state(lockfile, names, expected, accept_edits=accept_edits)
    )
    return fold_journal(state, journal, names) if journal else (state, 0)


def fold_journal(state: LedgerState, journal: bytes, names: FileNames) -> tuple[LedgerState, int]:
    """Return the state after the lines of a journal, and the length of its valid part in bytes.

    Raises:
        LedgerCorrupt: the journal was changed after sendspec wrote it.
        LedgerError: the journal belongs to another target or account, or continues a newer lockfile.
    """
    if accident := find_accident(journal, names.journal, names):
        raise accident
    values, valid = decode_lines(journal, names.journal)
    try:
        return _fold_values(state, values, names), valid
    except _INVALID_LINE as error:
        line = _first_invalid_line(state, values, names)
        message = f"{names.journal}:{line}: this line is not a valid entry: {error}"
        hint = UPGRADE if isinstance(error, UnknownEntryKind) else names.recovery
        raise LedgerCorrupt(message, hint=hint) from error


def _fold_values(state: LedgerState, values: Sequence[Any], names: FileNames) -> LedgerState:
    for value in values:
        check_owner(value["target"], value["account"], names.journal, state)
        if value.get("serial", 0) > state.serial:
            raise outdated_lockfile(names, value["serial"], state.serial, "this journal continues")
    return fold(state, [entry_from_json(entry) for value in values for entry in value["entries"]])


def _first_invalid_line(state: LedgerState, values: Sequence[Any], names: FileNames) -> int:
    def is_invalid(lines: int) -> bool:
        try:
            _fold_values(state, values[:lines], names)
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
