"""The outcome log: one line per send, and one per request outcome as soon as the outcome is known.

The line of an outcome is `sendspec-request` and a JSON object, as in

    sendspec-request {"account": "api.example", "address": "sale/last-call", "at": "2026-12-01T19:00:03Z",
      "attempts": 1, "batch": 1, "evidence": null, "jobId": null, "reason": "accepted", "revision": 1,
      "run": "3f2a9c01d5e84b7fa6c0e1b2d3f4a596", "state": "sent", "target": "production",
      "transactionId": "1a2b-3c-4d"}

but without line breaks, and with `check` and `mac`, the signature of `sendspec.log_signature`.
`account` and `target` name the ledger. `address`, `revision` and `batch` are
the key of the request. `state`, `reason`, `evidence`, `attempts`, `jobId` and `transactionId` are those
of the lockfile. `at` is UTC to the second. `run` is the name of the run in its intents. Only a job of unknown
outcome has `since`, the time of its first attempt.

Before the first outcome of a send, `sendspec-send` and a JSON object have what the ledger stores of that
revision: endpoint, payload, digest, recipients. With both lines a ledger that lost the send gets it back.

The lines go to the spool file, and for a shared ledger to standard error as well. If a machine is lost
before the ledger has its outcomes, `sendspec resolve --from-log` recovers them from either.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct

from sendspec import schema
from sendspec.formatting import format_timestamp, parse_timestamp
from sendspec.ledger import RevisionStarted, Settled
from sendspec.ledger.record_json import record_from_json, record_to_json
from sendspec.log_signature import CHECK, MAC, Proof, prove, sign
from sendspec.model import Location, Locations, OutcomeReason, RequestKey, RequestState, SettledBy
from sendspec.render.payload import digest
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator
    from datetime import datetime

    from sendspec.ledger import Entry
    from sendspec.model import LedgerState, SendRecord
    from sendspec.protocol import Result

MARKER: Final = "sendspec-request"
"""The first word of the line of an outcome."""

SEND_MARKER: Final = "sendspec-send"
"""The first word of the line of a send."""

_TIMESTAMP: Final = r"\d{4}-\d\d-\d\dT[\d:.]+Z "
_COLUMNS: Final = rf"(?!{_TIMESTAMP})[^\t]*\t[^\t]*\t\ufeff?+"
_PREFIX: Final = rf"\ufeff?+(?:(?:{_COLUMNS})?{_TIMESTAMP})?"
_START: Final = re.compile(rf"^{_PREFIX}({MARKER}|{SEND_MARKER}) \{{")
"""The start of a line of the outcome log, which a cut line has as well."""

_LINE: Final = re.compile(rf"^{_PREFIX}({MARKER}|{SEND_MARKER}) (\{{.*\}})\s*$")
"""A line of the outcome log, with the prefixes that CI logs add.

In a spool a line has no prefix. A log from the web page has the runner's timestamp. `gh run view --log`
adds the names of job and step, each followed by a tab. The first line of a runner's file has a byte
order mark. Text of specs never starts a line and never contains a tab, so it cannot match.
"""


def format_log_line(  # noqa: PLR0913 - the properties of a line, and its key
    target: str, account: str, run: str, result: Result, at: datetime, *, key: bytes | None = None
) -> str:
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
        **({"since": format_timestamp(result.since)} if result.since else {}),
    }
    return _format_line(MARKER, value, key)


def format_send_line(
    target: str, account: str, address: str, record: SendRecord, *, key: bytes | None = None
) -> str:
    """Return the line of one revision of a send, without its requests and earlier revisions."""
    header = record_to_json(replace(record, requests=(), earlier=()))
    value = {"target": target, "account": account, "address": address, **header}
    return _format_line(SEND_MARKER, value, key)


def _format_line(marker: str, value: dict[str, Any], key: bytes | None) -> str:
    return f"{marker} {json.dumps(sign(value, key), sort_keys=True)}".replace("##[", "#\\u0023[")


class SortedLines(NamedTuple):
    """The lines of a log about one ledger, by what their signature proves; `damaged` has line numbers."""

    signed: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    damaged: tuple[int, ...] = ()


def sort_lines(lines: Iterable[str], state: LedgerState, keys: Collection[bytes]) -> SortedLines:
    """Return the lines about a ledger, sorted by their proof; a line of `keys` is signed.

    Lines of other ledgers, and all other text, are left out. A line that does not say what its ledger
    is, because it was cut or masked, is damaged.
    """
    signed, unsigned, damaged = [], [], []
    for number, line in enumerate(lines, 1):
        match _prove(line, state, keys):
            case Proof.SIGNED:
                signed.append(line)
            case Proof.UNSIGNED:
                unsigned.append(line)
            case Proof.DAMAGED:
                damaged.append(number)
    return SortedLines(tuple(signed), tuple(unsigned), tuple(damaged))


def _prove(line: str, state: LedgerState, keys: Collection[bytes]) -> Proof | None:
    if _START.match(line) is None:
        return None
    match = _LINE.match(line)
    try:
        value = json.loads(match.group(2)) if match else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return Proof.DAMAGED
    proof = prove(value, keys)
    if proof is not Proof.DAMAGED and (value.get("target"), value.get("account")) != (
        state.target,
        state.account,
    ):
        return None
    # A line of an earlier version has no checksum, so only its form can show damage.
    return proof if any(_parse_lines([line], state)) else Proof.DAMAGED


class RecoveredOutcomes(Struct, frozen=True):
    """The outcomes of a log that a ledger does not have, and the number of lines without news.

    `restored` are outcomes of requests that the ledger lost altogether, with the `revisions` that it
    needs for them. `orphans` are such requests without a line of their send.
    """

    outcomes: tuple[Settled, ...]
    known_lines: int
    revisions: tuple[RevisionStarted, ...] = ()
    restored: tuple[Settled, ...] = ()
    orphans: tuple[RequestKey, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that the ledger must record."""
        return (*self.revisions, *self.restored, *self.outcomes)


def recover_outcomes(lines: Iterable[str], state: LedgerState) -> RecoveredOutcomes:
    """Return the outcomes of a log that settle requests of the ledger.

    These are outcomes of open requests, and acceptances that the ledger does not have. A request that
    the ledger lost altogether is restored, because it must not be sent again. Lines of other targets or
    accounts, and all other text, are ignored. Of two lines about one request the later counts, unless
    the earlier says that it was sent. A not-sent outcome counts only if the same run recorded the open
    intent.
    """
    headers: dict[tuple[str, int], SendRecord] = {}
    outcomes: dict[RequestKey, Settled] = {}
    lost: dict[RequestKey, Settled] = {}
    known_lines = 0
    for line in _parse_lines(lines, state):
        if isinstance(line, RevisionStarted):
            headers[line.address, line.record.revision] = line.record
        elif _is_lost(line, state):
            _keep_latest(lost, line)
        elif line.state is RequestState.UNKNOWN or not _settles(line, state):
            known_lines += 1
        else:
            _keep_latest(outcomes, line)
    needed = {(key.address, key.revision) for key in lost if state.revision_of(key) is None}
    return RecoveredOutcomes(
        outcomes=_sorted(outcomes.values()),
        known_lines=known_lines,
        revisions=tuple(
            RevisionStarted(address, headers[address, revision])
            for address, revision in sorted(needed)
            if (address, revision) in headers
        ),
        restored=_sorted(lost[key] for key in lost if _has_header(key, needed, headers)),
        orphans=tuple(sorted(key for key in lost if not _has_header(key, needed, headers))),
    )


def lost_requests(
    lines: Iterable[str], state: LedgerState, own_runs: Collection[str]
) -> tuple[RequestKey, ...]:
    """Return the requests that runs other than `own_runs` may have sent and the ledger does not have."""
    outcomes = (line for line in _parse_lines(lines, state) if isinstance(line, Settled))
    keys = {line.key for line in outcomes if line.run not in own_runs and _is_lost(line, state)}
    return tuple(sorted(keys))


def has_unrecorded_outcomes(lines: Iterable[str], state: LedgerState, own_runs: Collection[str]) -> bool:
    """Return whether a log has outcomes of other runs than `own_runs` that the ledger lacks."""
    return any(
        isinstance(line, Settled)
        and line.run not in own_runs
        and ((request := state.request(line.key)) is None or request.state.is_open or _settles(line, state))
        for line in _parse_lines(lines, state)
    )


def _is_lost(outcome: Settled, state: LedgerState) -> bool:
    """Return whether the ledger does not have a request that may have been sent."""
    return outcome.state is not RequestState.NOT_SENT and state.request(outcome.key) is None


def _has_header(
    key: RequestKey, needed: Container[tuple[str, int]], headers: Container[tuple[str, int]]
) -> bool:
    revision = (key.address, key.revision)
    return revision not in needed or revision in headers


def _keep_latest(outcomes: dict[RequestKey, Settled], outcome: Settled) -> None:
    earlier = outcomes.get(outcome.key)
    if earlier is None or earlier.state is not RequestState.SENT:
        outcomes[outcome.key] = outcome


def _sorted(outcomes: Iterable[Settled]) -> tuple[Settled, ...]:
    final = [replace(outcome, run=None) for outcome in outcomes]
    return tuple(sorted(final, key=lambda outcome: outcome.key))


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


def _parse_lines(lines: Iterable[str], state: LedgerState) -> Iterator[Settled | RevisionStarted]:
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        try:
            value = json.loads(match.group(2))
            if (value["target"], value["account"]) != (state.target, state.account):
                continue
            if match.group(1) == SEND_MARKER:
                yield from _parse_send(value)
            else:
                yield _parse_value(value)
        except (ValueError, KeyError, TypeError, RecursionError):
            continue


def _parse_send(value: dict[str, Any]) -> Iterator[RevisionStarted]:
    """Yield a send, unless the line is not what sendspec wrote, as after a runner masked a part of it."""
    names = ("target", "account", "address", CHECK, MAC)
    header = {name: item for name, item in value.items() if name not in names}
    lockfile = {
        "version": 1,
        "target": value["target"],
        "account": value["account"],
        "sends": {value["address"]: header},
    }
    if schema.check("lockfile", lockfile, Locations(Location(SEND_MARKER))):
        return
    record = replace(record_from_json(header), requests=(), earlier=())
    if digest(record.endpoint, record.payload) == record.payload_digest:
        yield RevisionStarted(value["address"], record)


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
        transaction_id=_check_id(transaction_id),
        reason=OutcomeReason(value["reason"]),
        evidence=None if value["evidence"] is None else str(value["evidence"]),
        settled_by=SettledBy.LOG,
        run=str(value["run"]) if value.get("run") else None,
        since=parse_timestamp(value["since"]) if "since" in value else None,
    )


def _check_id(transaction_id: str | None) -> str | None:
    """Return an id; raise ValueError if it has the three asterisks with which runners mask."""
    if transaction_id is not None and "***" in transaction_id:
        raise ValueError(transaction_id)
    return transaction_id
