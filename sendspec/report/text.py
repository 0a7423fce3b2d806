"""Findings and results as text for a terminal or a log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import RequestState
from sendspec.record_phrases import clock_text, outcome_text
from sendspec.report.escape.plain import escape_text
from sendspec.report.reasons import reason_text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from sendspec.model import Finding, Location, Plan, PlannedSend, Problem, RequestKey
    from sendspec.protocol import Result

_NAMES_MAX: Final = 5
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


def first_apply(sends: int) -> str:
    """Return what sends the sends that wait, where a schedule runs apply and where a person does."""
    return f"The first apply after {'that sends it' if sends == 1 else 'its time sends each of them'}"


def waiting_lines(plan: Plan) -> Iterator[str]:
    """Yield a sentence about each send that waits, the earliest first."""
    waiting = sorted(plan.waiting, key=lambda planned: (_due_from(planned), planned.address))
    for planned in waiting[:_NAMES_MAX]:
        yield f"{escape_text(planned.address)} {escape_text(reason_text(planned))}."
    if len(waiting) > _NAMES_MAX:
        yield f"{pluralize(len(waiting) - _NAMES_MAX, 'more send')} wait."
    if waiting:
        yield f"{first_apply(len(waiting))}."


def cut_off_lines(plan: Plan, addresses: Container[str]) -> Iterator[str]:
    """Yield a sentence about each send of `addresses`, whose legal hours ended during a run."""
    for planned in plan.to_send:
        if planned.address in addresses and planned.hours is not None:
            start = planned.hours.next_start
            until = "" if start is None else f" until {start.isoformat(timespec='seconds')}"
            yield f"{escape_text(planned.address)}: the rest waits for legal hours{until}."
            yield f"{first_apply(1)}."


def _due_from(planned: PlannedSend) -> datetime:
    return planned.legal_from or planned.send.not_before or _EARLIEST


def findings_text(findings: Iterable[Finding]) -> str:
    """Return findings with location, level, rule, message and hint."""
    return "\n".join(line for finding in findings for line in _finding_lines(finding))


def problem_text(problem: Problem) -> str:
    """Return a problem of a file with location, message and hint."""
    return "\n".join(_located(problem.location, "error", problem.message, problem.hint))


def result_text(result: Result) -> str:
    """Return the result of one request on one line."""
    name = escape_text(str(result.key))
    reason = escape_text(outcome_text(result.reason, result.evidence))
    match result.state:
        case RequestState.SENT if result.job_id is not None:
            return f"sent      {name}  job {result.job_id}"
        case RequestState.SENT if result.transaction_id is not None:
            return f"sent      {name}  transaction {escape_text(result.transaction_id)}"
        case RequestState.SENT:
            return f"sent      {name}  {reason}"
        case RequestState.NOT_SENT:
            return f"not sent  {name}  {reason}"
        case _:
            return f"UNKNOWN   {name}  {reason}"


def delay_text(key: RequestKey, until: datetime) -> str:
    """Return on one line when a request is repeated that may have been accepted."""
    why = "because the vendor may still process the last attempt"
    return f"waiting   {escape_text(str(key))}  until {clock_text(until)}, {why}"


def _finding_lines(finding: Finding) -> Iterator[str]:
    address = f" ({escape_text(finding.address)})" if finding.address else ""
    label = f"{'' if finding.allowed is None else 'allowed '}{finding.level.value} [{finding.rule}]"
    yield from _located(finding.location, label, f"{finding.message}{address}", finding.hint)
    if finding.allowed is not None:
        yield f"  allowed: {escape_text(finding.allowed)}"


def _located(location: Location, label: str, message: str, hint: str | None) -> Iterator[str]:
    yield f"{escape_text(str(location))}: {label}: {escape_text(message)}"
    if hint:
        yield f"  hint: {escape_text(hint)}"
