"""Memory of a clone: when it first saw each open intent of a ledger branch.

An intent has the time of the machine that wrote it, whose clock may be wrong. The guard that waits for
a run therefore counts from the time at which this machine first saw the intent, by its own clock.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sendspec.formatting import format_timestamp, parse_timestamp, whole_seconds
from sendspec.model import RequestKey, RequestState
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sendspec.model import LedgerState, RequestRecord, SendRecord


class IntentSightings:
    """A JSON file with the first sighting of each open intent; a file that is lost counts anew."""

    def __init__(self, find_directory: Callable[[], Path], target: str) -> None:
        """Use a file in a directory that is found only if the ledger has open intents."""
        self._find_directory = find_directory
        self._name = f"{target}.intents.json"

    def mark(self, state: LedgerState) -> LedgerState:
        """Return the state with the time of the first sighting in each open intent, and store these."""
        names = [name for address, latest in state.sends.items() for name in _open_intents(address, latest)]
        if not names:
            return state
        path = self._find_directory() / self._name
        now, known = whole_seconds(datetime.now(UTC)), _read(path)
        # A sighting in the future comes from a clock that was set back since.
        seen = {name: min(known.get(name, now), now) for name in names}
        if seen != known:
            _write(path, seen)
        sends = {address: _with_sightings(address, latest, seen) for address, latest in state.sends.items()}
        return replace(state, sends=sends)


def _open_intents(address: str, latest: SendRecord) -> Iterator[str]:
    return (
        _name(address, record, request)
        for record in latest.revisions
        for request in record.requests
        if request.state is RequestState.INTENT
    )


def _name(address: str, record: SendRecord, request: RequestRecord) -> str:
    key = RequestKey(address, record.revision, request.batch)
    return f"{key} {request.run} {format_timestamp(request.at)}"


def _with_sightings(address: str, record: SendRecord, seen: Mapping[str, datetime]) -> SendRecord:
    if not any(True for _ in _open_intents(address, record)):
        return record
    requests = tuple(
        replace(request, seen_at=seen[_name(address, record, request)])
        if request.state is RequestState.INTENT
        else request
        for request in record.requests
    )
    earlier = tuple(_with_sightings(address, before, seen) for before in record.earlier)
    return replace(record, requests=requests, earlier=earlier)


def _read(path: Path) -> dict[str, datetime]:
    with suppress(OSError, ValueError, AttributeError, TypeError):
        values = json.loads(path.read_bytes())
        return {name: parse_timestamp(at) for name, at in values.items()}
    return {}


def _write(path: Path, seen: Mapping[str, datetime]) -> None:
    # Without the file each sighting is the first, so the guard waits longer.
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        values = {name: format_timestamp(at) for name, at in seen.items()}
        path.write_text(json.dumps(values, indent=1, sort_keys=True), encoding="utf-8")
