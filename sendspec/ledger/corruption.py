"""Where a lockfile is damaged and how; looked for only once it turned out to be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sendspec import schema
from sendspec.errors import LedgerCorrupt, LedgerError, LedgerMissing, SpecError
from sendspec.load import parse_document
from sendspec.load.yaml_tree import locations
from sendspec.model import Location, Locations, Problem, RequestState, requests_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendspec.model import NodePath

RESTORE: Final = "restore it from version control or a backup: without it sendspec cannot know what was sent"


def missing(shown: str, target: str) -> LedgerMissing:
    """Say that a target that must have a ledger has none."""
    return LedgerMissing(
        f"{shown}: target '{target}' has no ledger here",
        hint="a ledger that is missing is never taken for an empty one: restore it, or, if nothing was ever "
        f"sent to this target, begin it with `sendspec init --ledger --target {target}`",
    )


def older(what: str, newest: int, found: int, hint: str = "") -> LedgerError:
    """Say that a lockfile is older than one that is known to have been there."""
    return LedgerError(
        f"{what} write {newest} of the lockfile, and what lies there is write {found}: an older one, which "
        "does not know what was sent since",
        hint="put the newest one back: from version control, another branch, a stash or a backup" + hint,
    )


def each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make a JSON object; for `json.loads`.

    Raises:
        ValueError: a key is there twice, as two branches merged by hand leave it. Elsewhere the last
            one wins; here that could forget what was sent.
    """
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    known: set[str] = set()
    for key, _ in pairs:
        if key in known:
            raise ValueError(f"the key {key!r} is there twice")
        known.add(key)
    return value


def contradicted(content: bytes, shown: str, value: Any) -> LedgerCorrupt | None:
    """Say what a lockfile of the right shape says that cannot be, None where there is nothing.

    Two branches merged by hand leave a request or a revision twice; of two that differ, the one read
    last would win and might forget what was sent.
    """
    found = next(_contradictions(value), None)
    if found is None:
        return None
    path, message = found
    where, _ = _located(content, shown)
    return _damaged(Problem(where.of(*path), f"this is not a lockfile: {message}"))


def _contradictions(value: Any) -> Iterator[tuple[NodePath, str]]:
    for address, send in value["sends"].items():
        revisions: list[tuple[NodePath, Any]] = [(("sends", address), send)]
        revisions += [
            (("sends", address, "earlier", index), earlier)
            for index, earlier in enumerate(send.get("earlier", ()))
        ]
        newest = None
        for path, record in revisions:
            if newest is not None and record["revision"] >= newest:
                yield path, f"revision {record['revision']} stands behind revision {newest}"
            newest = record["revision"]
            yield from _of_requests(path, record)


def _of_requests(path: NodePath, record: Any) -> Iterator[tuple[NodePath, str]]:
    recipients = record.get("recipients")
    expected = 1 if recipients is None else requests_for(recipients["count"])
    known: set[int] = set()
    for index, request in enumerate(record["requests"]):
        batch = request["batch"]
        if batch in known:
            yield (*path, "requests", index), f"request {batch} is there twice"
        if batch > expected and request["state"] != RequestState.NOT_SENT:
            yield (*path, "requests", index), f"request {batch} of a send that takes {expected}"
        known.add(batch)


def unreadable(content: bytes, shown: str, error: Exception) -> LedgerCorrupt:
    """Say what keeps a lockfile from being read as JSON."""
    if isinstance(error, json.JSONDecodeError):
        location = Location(shown, error.lineno, error.colno)
        return _damaged(Problem(location, f"this is not JSON: {error.msg.lower()}"))
    _, problem = _located(content, shown)
    return _damaged(problem or Problem(Location(shown), f"this is not a lockfile: {error}"))


def misshapen(content: bytes, shown: str, value: Any) -> LedgerCorrupt:
    """Say what keeps JSON from being a lockfile."""
    where, _ = _located(content, shown)
    problem = schema.check("lockfile", value, where)[0]
    return _damaged(problem._replace(message=f"this is not a lockfile: {problem.message}"))


def _located(content: bytes, shown: str) -> tuple[Locations, Problem | None]:
    """Read JSON as the YAML that it is too, since that reader knows where everything stands."""
    try:
        return locations(parse_document(content, shown), shown), None
    except SpecError as error:
        return Locations(Location(shown)), error.problems[0]


def _damaged(problem: Problem) -> LedgerCorrupt:
    return LedgerCorrupt(f"{problem.location}: {problem.message}", hint=RESTORE)
