"""The plan, the findings and the results as a person reads them in a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendspec.model import Endpoint, RequestState, Sign
from sendspec.plan import refusing
from sendspec.report.printable import printable, quoted
from sendspec.report.words import footer, size_of
from sendspec.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sendspec.model import Action, Change, Finding, Place, Plan, Problem, RequestRecord
    from sendspec.protocol import Result

_INDENT = "    "


def plan_text(plan: Plan) -> str:
    """Give a plan: what goes out whole, what stays in a line each, findings, footer, digest."""
    blocks = [f"Target {plan.target} ({plan.account})"]
    blocks += ["\n".join(_action_lines(action)) for action in plan.actions if _is_told_whole(action)]
    others = [_line(action, action.why) for action in plan.actions if not _is_told_whole(action)]
    if others:
        blocks.append("\n".join(others))
    if plan.findings:
        blocks.append(findings_text(plan.findings))
    closing = [footer(plan)]
    if refusing(plan):
        errors = counted(len(refusing(plan)), "error")
        closing.append(f"{errors} against this plan: apply sends nothing until mended.")
    closing.append(f"Digest: {plan.digest}")
    blocks.append("\n".join(closing))
    return "\n\n".join(blocks) + "\n"


def findings_text(findings: Iterable[Finding]) -> str:
    """Give findings, one a paragraph of lines: level, place, rule, message, the way out."""
    return "\n".join(line for finding in findings for line in _finding_lines(finding))


def problem_text(problem: Problem) -> str:
    """Give what keeps a file from being understood."""
    return "\n".join(_located(problem.place, "error", problem.message, problem.hint))


def result_text(result: Result) -> str:
    """Give what became of one request, on one line."""
    name = printable(str(result.key))
    match result.state:
        case RequestState.SENT if result.job_id is not None:
            return f"sent      {name}  job {result.job_id}"
        case RequestState.SENT if result.transaction_id is not None:
            return f"sent      {name}  transaction {printable(result.transaction_id)}"
        case RequestState.SENT:
            return f"sent      {name}  {printable(result.evidence)}"
        case RequestState.NOT_SENT:
            return f"not sent  {name}  {printable(result.evidence)}"
        case _:
            return f"UNKNOWN   {name}  {printable(result.evidence)}"


def _is_told_whole(action: Action) -> bool:
    return bool(action.batches or action.changes) or action.sign in (Sign.BLOCKED, Sign.WAITING)


def _action_lines(action: Action) -> Iterator[str]:
    yield _line(action, size_of(action) if action.batches else action.why)
    if action.sign is Sign.RESUME and action.record is not None:
        yield f"{_INDENT}{_progress(action)}"
    if action.changes:
        for change in action.changes:
            yield from _change_lines(change)
        if action.sign is not Sign.SEND:
            return
    if action.send is not None:
        yield from (f"{_INDENT}{name}: {_value(value)}" for name, value in _payload(action))
        if action.send.not_after is not None:
            yield f"{_INDENT}notAfter: {_value(action.send.not_after.isoformat())}"


def _line(action: Action, what: str) -> str:
    source = action.send or action.record
    endpoint = source.endpoint.value if source else Endpoint.CONTACTS.value
    revision = f", revision {source.revision}" if source and source.revision > 1 else ""
    ids = _ids(action) if action.sign is Sign.DONE else ""
    return f"{action.sign.value} {printable(action.address)}  {endpoint}{revision}  {printable(what)}{ids}"


def _ids(action: Action) -> str:
    requests = action.record.requests if action.record else ()
    if len(requests) == 1:
        return f" ({_id(requests[0])})"
    return f" in {counted(len(requests), 'request')}"


def _id(request: RequestRecord) -> str:
    if request.job_id is not None:
        return f"job {request.job_id}"
    return f"transaction {printable(request.transaction_id)}" if request.transaction_id else "id not known"


def _progress(action: Action) -> str:
    assert action.record is not None  # noqa: S101 - asked only of what is in the ledger
    sent = sum(request.state is RequestState.SENT for request in action.record.requests)
    unclear = any(request.state.is_open for request in action.record.requests)
    if unclear:
        return (
            "its outcome is unknown; the vendor's check of messageName makes the same request safe to repeat"
        )
    return f"{sent:,} of {counted(action.record.expected_requests, 'request')} were sent by earlier runs"


def _payload(action: Action) -> Iterator[tuple[str, Any]]:
    assert action.send is not None  # noqa: S101 - asked only of what is in the specs
    yield from sorted(action.send.payload.items())


def _change_lines(change: Change) -> Iterator[str]:
    if change.field == "recipients" and change.sent == change.now:
        yield f"{_INDENT}recipients: still {change.now:,}, but not the same ones, or other values"
        return
    yield f"{_INDENT}{change.field}"
    yield f"{_INDENT}  - {_value(change.sent)}"
    yield f"{_INDENT}  + {_value(change.now)}"


def _value(value: Any) -> str:
    return "(absent)" if value is None else quoted(value)


def _finding_lines(finding: Finding) -> Iterator[str]:
    address = f" ({printable(finding.address)})" if finding.address else ""
    label = f"{finding.level.value} [{finding.rule}]"
    yield from _located(finding.place, label, f"{finding.message}{address}", finding.hint)
    if finding.allowed is not None:
        yield f"  allowed: {printable(finding.allowed)}"


def _located(place: Place, label: str, message: str, hint: str | None) -> Iterator[str]:
    yield f"{printable(str(place))}: {label}: {printable(message)}"
    if hint:
        yield f"  hint: {printable(hint)}"
