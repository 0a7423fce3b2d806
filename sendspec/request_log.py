"""The request log: one line per request outcome, written as soon as the outcome is known.

A line is `sendspec-request` and a JSON object, as in

    sendspec-request {"account": "api.example", "address": "sale/last-call", "at": "2026-12-01T19:00:03Z",
      "attempts": 1, "batch": 1, "evidence": null, "jobId": null, "reason": "accepted", "revision": 1,
      "run": "3f2a9c01d5e84b7fa6c0e1b2d3f4a596", "state": "sent", "target": "production",
      "transactionId": "1a2b-3c-4d"}

but without line breaks. `account` and `target` name the ledger. `address`, `revision` and `batch` are
the key of the request. `state`, `reason`, `evidence`, `attempts`, `jobId` and `transactionId` are those
of the lockfile. `at` is UTC to the second. `run` is the name of the run in its intents.

The lines go to the spool file, and for a shared ledger to standard error as well. If a machine is lost
before the ledger has its outcomes, `sendspec resolve --from-log` recovers them from either.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sendspec.formatting import format_timestamp, parse_timestamp
from sendspec.ledger import Settled
from sendspec.model import OutcomeReason, RequestKey, RequestState, SettledBy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from sendspec.model import LedgerState
    from sendspec.protocol import Result

MARKER: Final = "sendspec-request"
"""The first word of every line."""

_TIMESTAMP: Final = r"\d{4}-\d\d-\d\dT[\d:.]+Z "
_COLUMNS: Final = rf"(?!{_TIMESTAMP})[^\t]*\t[^\t]*\t\ufeff?+"
_LINE: Final = re.compile(rf"^\ufeff?+(?:(?:{_COLUMNS})?{_TIMESTAMP})?{MARKER} (\{{.*\}})\s*$")
"""A line of the request log, with the prefixes that CI logs add.

In a spool a line has no prefix. A log from the web page has the runner's timestamp. `gh run view --log`
adds the names of job and step, each followed by a tab. The first line of a runner's file has a byte
order mark. Text of specs never starts a line and never contains a tab, so it cannot match.
"""


def format_log_line(target: str, account: str, run: str, result: Result, at: datetime) -> str:
    """Return the line of one outcome: ASCII, without line breaks and without runner commands."""
    value = {
        "target": target,
        "account": account,
        "run": run,
        "address": result.key.address,
        "revision": result.key.revision,
        "batch": result.key.batch,
        "state": result.state.value,
        "attempts": result.attempts,
        "jobId": result.job_id,
        "transactionId": result.transaction_id,
        "reason": result.reason.value,
        "evidence": result.evidence,
        "at": format_timestamp(at),
    }
    return f"{MARKER} {json.dumps(value, sort_keys=True)}".replace("##[", "#\\u0023[")


@dataclass(frozen=True, slots=True)
class RecoveredOutcomes:
    """The outcomes of a log that a ledger does not have, and the number of lines without news."""

    outcomes: tuple[Settled, ...]
    known_lines: int


def recover_outcomes(lines: Iterable[str], state: LedgerState) -> RecoveredOutcomes:
    """Return the outcomes of a log that settle requests of the ledger.

    These are outcomes of open requests, and acceptances that the ledger does not have. Lines of other
    targets or accounts, and all other text, are ignored. Of two lines about one request the later
    counts, unless the earlier says that it was sent. A not-sent outcome counts only if the same run
    recorded the open intent.
    """
    outcomes: dict[RequestKey, Settled] = {}
    known_lines = 0
    for outcome in _parse_lines(lines, state):
        if outcome.state is RequestState.UNKNOWN or not _settles(outcome, state):
            known_lines += 1
            continue
        earlier = outcomes.get(outcome.key)
        if earlier is None or earlier.state is not RequestState.SENT:
            outcomes[outcome.key] = outcome
    final = [replace(outcome, run=None) for outcome in outcomes.values()]
    return RecoveredOutcomes(tuple(sorted(final, key=lambda outcome: outcome.key)), known_lines)


def has_unrecorded_outcomes(lines: Iterable[str], state: LedgerState, own_runs: Collection[str]) -> bool:
    """Return whether a log has outcomes of other runs than `own_runs` that the ledger lacks."""
    return any(
        outcome.run not in own_runs
        and (
            (request := state.request(outcome.key)) is None
            or request.state.is_open
            or _settles(outcome, state)
        )
        for outcome in _parse_lines(lines, state)
    )


def _settles(outcome: Settled, state: LedgerState) -> bool:
    request = state.request(outcome.key)
    if request is None:
        return False
    if outcome.state is RequestState.SENT:
        known_ids = (None, request.vendor_id, *request.also_accepted)
        return request.state is not RequestState.SENT or outcome.request.vendor_id not in known_ids
    if not request.state.is_open:
        return False
    # A refusal of another run does not settle the request of the lost one.
    return outcome.run is not None and outcome.run == request.run


def _parse_lines(lines: Iterable[str], state: LedgerState) -> Iterator[Settled]:
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        try:
            value = json.loads(match.group(1))
            if (value["target"], value["account"]) == (state.target, state.account):
                yield _parse_value(value)
        except (ValueError, KeyError, TypeError, RecursionError):
            continue


def _parse_value(value: dict[str, Any]) -> Settled:
    job_id, transaction_id = value["jobId"], value["transactionId"]
    if not isinstance(job_id, int | None) or not isinstance(transaction_id, str | None):
        raise TypeError
    return Settled(
        key=RequestKey(str(value["address"]), int(value["revision"]), int(value["batch"])),
        state=RequestState(value["state"]),
        at=parse_timestamp(value["at"]),
        attempts=int(value["attempts"]),
        job_id=job_id,
        transaction_id=transaction_id,
        reason=OutcomeReason(value["reason"]),
        evidence=None if value["evidence"] is None else str(value["evidence"]),
        settled_by=SettledBy.LOG,
        run=str(value["run"]) if value.get("run") else None,
    )
