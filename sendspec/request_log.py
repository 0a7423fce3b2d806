"""What a run says of each request the moment it knows: enough to rebuild what could not be recorded.

A line goes to the log (`sendspec-receipt {json}`) and to a spool file. Where a machine is lost
before its outcomes reached the ledger, `sendspec resolve --from-log` reads either of them back.
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

WORD: Final = "sendspec-receipt"
_STAMP: Final = r"\d{4}-\d\d-\d\dT[\d:.]+Z "
_COLUMNS: Final = rf"(?!{_STAMP})[^\t]*\t[^\t]*\t\ufeff?+"
_LINE: Final = re.compile(rf"^\ufeff?+(?:(?:{_COLUMNS})?{_STAMP})?{WORD} (\{{.*\}})\s*$")
"""Only at the start of a line of the run, where text of specs never is (nor does it hold a tab).

Before it stands nothing, as in a spool; a runner's time stamp, as in a log from the web page; or the
names of job and step too, as `gh run view --log` prints them: two columns, each ended by a tab. The
first line of a runner's file has a byte order mark.
"""


def receipt_line(target: str, account: str, run: str, result: Result, at: datetime) -> str:
    """Give the line that tells of one request; ASCII, no line break, no workflow command in it."""
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
    return f"{WORD} {json.dumps(value, sort_keys=True)}".replace("##[", "#\\u0023[")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a log adds to a ledger: outcomes to record, and how many lines told nothing new."""

    outcomes: tuple[Settled, ...]
    known: int


def rebuild(lines: Iterable[str], state: LedgerState) -> Rebuilt:
    """Find the outcomes in a log that the ledger has only an intent of, calls unknown, or denies.

    Lines of other targets and accounts are passed over, and so is everything that is no receipt.
    The later of two lines about one request counts, unless the earlier says that it was sent. That a
    request was not sent is believed only of the run whose intent is open.
    """
    found: dict[RequestKey, Settled] = {}
    known = 0
    for outcome in _outcomes(lines, state):
        if outcome.state is RequestState.UNKNOWN or not _may_settle(outcome, state):
            known += 1
            continue
        before = found.get(outcome.key)
        if before is None or before.state is not RequestState.SENT:
            found[outcome.key] = outcome
    settled = [replace(outcome, run=None) for outcome in found.values()]
    return Rebuilt(tuple(sorted(settled, key=lambda outcome: outcome.key)), known)


def tells_more(lines: Iterable[str], state: LedgerState, runs: Collection[str]) -> bool:
    """Whether a spool has receipts of other runs than `runs` about requests that are not settled yet."""
    return any(
        outcome.run not in runs
        and (
            (request := state.request(outcome.key)) is None
            or request.state.is_open
            or _may_settle(outcome, state)
        )
        for outcome in _outcomes(lines, state)
    )


def _may_settle(outcome: Settled, state: LedgerState) -> bool:
    request = state.request(outcome.key)
    if request is None:
        return False
    if outcome.state is RequestState.SENT:
        told = outcome.request.vendor_id
        known = (None, request.vendor_id, *request.also_accepted)
        return request.state is not RequestState.SENT or told not in known
    if not request.state.is_open:
        return False
    # That another run did not send it says nothing about the one that is gone.
    return outcome.run is not None and outcome.run == request.run


def _outcomes(lines: Iterable[str], state: LedgerState) -> Iterator[Settled]:
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        try:
            value = json.loads(match.group(1))
            if (value["target"], value["account"]) == (state.target, state.account):
                yield _outcome(value)
        except (ValueError, KeyError, TypeError, RecursionError):
            continue


def _outcome(value: dict[str, Any]) -> Settled:
    job, transaction = value["jobId"], value["transactionId"]
    if not isinstance(job, int | None) or not isinstance(transaction, str | None):
        raise TypeError
    return Settled(
        key=RequestKey(str(value["address"]), int(value["revision"]), int(value["batch"])),
        state=RequestState(value["state"]),
        at=parse_timestamp(value["at"]),
        attempts=int(value["attempts"]),
        job_id=job,
        transaction_id=transaction,
        reason=OutcomeReason(value["reason"]),
        evidence=None if value["evidence"] is None else str(value["evidence"]),
        settled_by=SettledBy.LOG,
        run=str(value["run"]) if value.get("run") else None,
    )
