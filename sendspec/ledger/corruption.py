"""Errors about missing, outdated and corrupt ledgers, with the position of the defect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sendspec import schema
from sendspec.errors import LedgerCorrupt, LedgerError, LedgerMissing, SpecError
from sendspec.formatting import parse_timestamp
from sendspec.ledger.file_damage import find_lockfile_accident, is_truncated, newer_version
from sendspec.load import parse_document
from sendspec.load.yaml_tree import locations
from sendspec.model import Location, Locations, Problem, RequestState, requests_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.ledger.file_damage import FileNames
    from sendspec.model import NodePath


def missing_ledger(shown: str, target: str) -> LedgerMissing:
    """Return the error for a target whose ledger must exist and does not."""
    return LedgerMissing(
        f"{shown}: the ledger of target '{target}' does not exist",
        hint="find the ledger that this target used; if nothing was ever sent to it, create one with "
        f"`sendspec init --ledger --target {target}`",
    )


def outdated_lockfile(
    names: FileNames, expected: int, found: int, because: str, hint: str = ""
) -> LedgerError:
    """Return the error for a lockfile that is older than `because` shows; numbers are serials."""
    return LedgerError(
        f"{names.lockfile}:1: the lockfile has serial {found}, but {because} serial {expected}; it lacks "
        "later sends",
        hint=f"find the newest lockfile, and add it with `{names.merge} --with FILE`{hint}",
    )


class DuplicateKey(ValueError):
    """A JSON object has a key twice."""


def reject_duplicate_keys(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; a hook for `json.loads`.

    Raises:
        DuplicateKey: a key is duplicated, as after a bad merge of two branches. `json` would keep the
            last one and so might lose a send.
    """
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    known: set[str] = set()
    for key, _ in pairs:
        if key in known:
            raise DuplicateKey(f"the key {key!r} is duplicated")
        known.add(key)
    return value


def find_inconsistency(content: bytes, names: FileNames, value: Any) -> LedgerCorrupt | None:
    """Return the error for a lockfile of valid shape with impossible content, None if it is consistent.

    A bad merge of two branches duplicates requests or revisions. The last of two would win and might
    lose a send.
    """
    first = next(_inconsistencies(value), None)
    if first is None:
        return None
    path, message = first
    positions, _ = _read_positions(content, names.lockfile)
    return _corrupt(Problem(positions.of(*path), f"not a valid lockfile: {message}"), _merge_again(names))


def edited_sends(content: bytes, names: FileNames) -> LedgerCorrupt:
    """Return the error for a lockfile whose sends do not match its digest."""
    positions, _ = _read_positions(content, names.lockfile)
    return _corrupt(
        Problem(positions.of("digest"), "the sends of this lockfile were edited, or merged by hand"),
        f"undo the edit, add an unedited copy with `{names.merge} --with FILE`, or keep the edit with "
        "`--accept-edits`",
    )


def _merge_again(names: FileNames) -> str:
    return f"undo the edit or the merge, then merge both versions with `{names.merge} --with FILE`"


def _inconsistencies(value: Any) -> Iterator[tuple[NodePath, str]]:
    address, newest = None, 0
    for path, record in _records(value):
        if path[1] == address and record["revision"] >= newest:
            yield path, f"revision {record['revision']} follows revision {newest}"
        address, newest = path[1], record["revision"]
        yield from _request_inconsistencies(path, record)


def _records(value: Any) -> Iterator[tuple[NodePath, Any]]:
    """Yield every revision of every send, newest first, with its path."""
    for address, send in value["sends"].items():
        yield ("sends", address), send
        for index, earlier in enumerate(send.get("earlier", ())):
            yield ("sends", address, "earlier", index), earlier


def _request_inconsistencies(path: NodePath, record: Any) -> Iterator[tuple[NodePath, str]]:
    recipients = record.get("recipients")
    expected = 1 if recipients is None else requests_for(recipients["count"])
    known: set[int] = set()
    for index, request in enumerate(record["requests"]):
        batch = request["batch"]
        if batch in known:
            yield (*path, "requests", index), f"request {batch} is duplicated"
        if batch > expected and request["state"] != RequestState.NOT_SENT:
            yield (*path, "requests", index), f"request {batch}, but the send has only {expected}"
        known.add(batch)
        if request.get("stopped") and request["state"] != RequestState.SENT:
            yield (*path, "requests", index, "stopped"), f"request {batch} was stopped, but not sent"


def invalid_json(content: bytes, names: FileNames, error: Exception) -> LedgerCorrupt:
    """Return the error for a lockfile that `json` rejected with `error`."""
    accident = find_lockfile_accident(content, names)
    if accident is not None:
        return accident
    shown = names.lockfile
    if isinstance(error, json.JSONDecodeError):
        location = Location(shown, error.lineno, error.colno)
        if is_truncated(content, error):
            return _corrupt(Problem(location, "the end of this lockfile is missing"), names.recovery)
        return _corrupt(Problem(location, f"not valid JSON: {error.msg.lower()}"), names.recovery)
    _, problem = _read_positions(content, shown)
    problem = problem or Problem(Location(shown), f"not a valid lockfile: {error}")
    return _corrupt(problem, _merge_again(names) if isinstance(error, DuplicateKey) else names.recovery)


def invalid_shape(content: bytes, names: FileNames, value: Any) -> LedgerCorrupt:
    """Return the error for JSON that does not match the lockfile schema."""
    if error := newer_version(value, f"{names.lockfile}:1"):
        return error
    positions, _ = _read_positions(content, names.lockfile)
    problem = schema.check("lockfile", value, positions)[0]
    return _corrupt(problem._replace(message=f"not a valid lockfile: {problem.message}"), _merge_again(names))


def invalid_time(content: bytes, names: FileNames, value: Any) -> LedgerCorrupt:
    """Return the error for a lockfile with a time such as February 30, which the schema cannot exclude."""
    positions, _ = _read_positions(content, names.lockfile)
    paths = (path for path, time in _times(value) if not _is_time(time))
    problem = Problem(positions.of(*next(paths, ())), "not a valid lockfile: this date does not exist")
    return _corrupt(problem, _merge_again(names))


def _times(value: Any) -> Iterator[tuple[NodePath, str]]:
    for path, record in _records(value):
        for index, request in enumerate(record["requests"]):
            yield (*path, "requests", index, "at"), request["at"]
            for name in ("delivery", "stopped"):
                if part := request.get(name):
                    yield (*path, "requests", index, name, "at"), part["at"]


def _is_time(text: str) -> bool:
    try:
        parse_timestamp(text)
    except ValueError:
        return False
    return True


def _read_positions(content: bytes, shown: str) -> tuple[Locations, Problem | None]:
    """Read JSON with the YAML reader, which is slower but records positions."""
    try:
        return locations(parse_document(content, shown), shown), None
    except SpecError as error:
        return Locations(Location(shown)), error.problems[0]


def _corrupt(problem: Problem, hint: str) -> LedgerCorrupt:
    return LedgerCorrupt(f"{problem.location}: {problem.message}", hint=hint)
