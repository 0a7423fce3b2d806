"""The plan, the findings and the results as a person reads them in a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import RequestState, Sign
from sendspec.plan import blocking_findings
from sendspec.report.actions import action_line, action_lines, shows_details
from sendspec.report.escape import printable
from sendspec.report.phrases import footer, outcome_text
from sendspec.report.summary import sends_again

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sendspec.model import Finding, Location, Plan, Problem
    from sendspec.protocol import Result

_GOES: Final = (Sign.SEND, Sign.RESUME, Sign.WAITING)
_NAMED: Final = 5


def plan_text(plan: Plan) -> str:
    """Give a plan: what goes out whole, what stays in a line each, findings, footer, digest."""
    blocks = [f"Target {plan.target} ({plan.account})"]
    blocks += ["\n".join(action_lines(action)) for action in plan.actions if shows_details(action)]
    others = [action_line(action) for action in plan.actions if not shows_details(action)]
    if others:
        blocks.append("\n".join(others))
    if plan.findings:
        blocks.append(findings_text(plan.findings))
    blocks.append("\n".join(_closing(plan)))
    return "\n\n".join(blocks) + "\n"


def _closing(plan: Plan) -> Iterator[str]:
    yield footer(plan)
    again = [action.address for action in plan.actions if action.sign in _GOES and sends_again(action)]
    if again:
        sends = pluralize(len(again), "send")
        yield f"AGAIN: {sends} will reach people who had an earlier revision: {_some(again)}."
    errors = [
        f"{finding.address or finding.location.file} ({finding.rule})" for finding in blocking_findings(plan)
    ]
    if errors:
        hold = "1 error holds" if len(errors) == 1 else f"{len(errors):,} errors hold"
        yield f"{hold} back the whole plan, apply sends nothing until mended: {_some(errors)}."
    unclear = [action.address for action in plan.actions if action.sign is Sign.UNKNOWN]
    if unclear and not errors:
        yield f"Apply leaves alone what is unknown, and exits 7: {_some(unclear)}."
    yield f"Digest: {plan.digest}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return printable(", ".join(names[:_NAMED])) + (f" and {more:,} more" if more > 0 else "")


def findings_text(findings: Iterable[Finding]) -> str:
    """Give findings, one a paragraph of lines: level, place, rule, message, the way out."""
    return "\n".join(line for finding in findings for line in _finding_lines(finding))


def problem_text(problem: Problem) -> str:
    """Give what keeps a file from being understood."""
    return "\n".join(_located(problem.location, "error", problem.message, problem.hint))


def result_text(result: Result) -> str:
    """Give what became of one request, on one line."""
    name = printable(str(result.key))
    match result.state:
        case RequestState.SENT if result.job_id is not None:
            return f"sent      {name}  job {result.job_id}"
        case RequestState.SENT if result.transaction_id is not None:
            return f"sent      {name}  transaction {printable(result.transaction_id)}"
        case RequestState.SENT:
            return f"sent      {name}  {printable(outcome_text(result.reason, result.evidence))}"
        case RequestState.NOT_SENT:
            return f"not sent  {name}  {printable(outcome_text(result.reason, result.evidence))}"
        case _:
            return f"UNKNOWN   {name}  {printable(outcome_text(result.reason, result.evidence))}"


def _finding_lines(finding: Finding) -> Iterator[str]:
    address = f" ({printable(finding.address)})" if finding.address else ""
    label = f"{'' if finding.allowed is None else 'allowed '}{finding.level.value} [{finding.rule}]"
    yield from _located(finding.location, label, f"{finding.message}{address}", finding.hint)
    if finding.allowed is not None:
        yield f"  allowed: {printable(finding.allowed)}"


def _located(location: Location, label: str, message: str, hint: str | None) -> Iterator[str]:
    yield f"{printable(str(location))}: {label}: {printable(message)}"
    if hint:
        yield f"  hint: {printable(hint)}"
