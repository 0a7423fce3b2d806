"""The plan, findings and results as text for a terminal or a log."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sendspec.formatting import pluralize
from sendspec.model import PlannedSend, RequestState, Sign
from sendspec.plan import blocking_findings, edits_of_finished_sends
from sendspec.record_phrases import clock_text, outcome_text
from sendspec.report.action_text import action_line, detail_lines, shows_details
from sendspec.report.campaign_notes import campaign_line, noted_campaigns
from sendspec.report.difference_text import difference_lines
from sendspec.report.escape import escape_text
from sendspec.report.phrases import footer
from sendspec.report.reasons import reason_text
from sendspec.report.totals import sends_again

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from sendspec.model import Action, Finding, Location, Plan, Problem, RequestKey
    from sendspec.protocol import Result

_SENDING_SIGNS: Final = (Sign.SEND, Sign.RESUME, Sign.WAITING)
_NAMES_MAX: Final = 5
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


def plan_text(plan: Plan) -> str:
    """Return a plan: sends with details, the others on one line each, findings, footer, digest."""
    blocks = ["\n".join(_opening(plan))]
    shown = [action.send for action in plan.sends if shows_details(action)]
    if lines := [campaign_line(name, notes) for name, notes in noted_campaigns(shown)]:
        blocks.append("\n".join(lines))
    blocks += ["\n".join(_detailed(action)) for action in plan.actions if shows_details(action)]
    others = [action_line(action) for action in plan.actions if not shows_details(action)]
    if others:
        blocks.append("\n".join(others))
    if plan.difference is not None:
        blocks.append("\n".join(difference_lines(plan.difference)))
    if plan.findings:
        blocks.append(findings_text(plan.findings))
    blocks.append("\n".join(_closing(plan)))
    return "\n\n".join(blocks) + "\n"


def waiting_lines(plan: Plan) -> Iterator[str]:
    """Yield a sentence about each send that waits, the earliest first."""
    waiting = sorted(plan.waiting, key=lambda planned: (_due_from(planned), planned.address))
    for planned in waiting[:_NAMES_MAX]:
        yield f"{escape_text(planned.address)} {escape_text(reason_text(planned))}."
    if len(waiting) > _NAMES_MAX:
        yield f"{pluralize(len(waiting) - _NAMES_MAX, 'more send')} wait; run apply again when they are due."
    elif waiting:
        yield "Run apply again then, because nothing is sent by itself."


def cut_off_lines(plan: Plan, addresses: Container[str]) -> Iterator[str]:
    """Yield a sentence about each send of `addresses`, whose legal hours ended during a run."""
    for planned in plan.to_send:
        if planned.address in addresses and planned.hours is not None:
            start = planned.hours.next_start
            until = "" if start is None else f" until {start.isoformat(timespec='seconds')}"
            yield f"{escape_text(planned.address)}: the rest waits for legal hours{until}."
            yield "Run apply again then, because nothing is sent by itself."


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


def _detailed(action: Action) -> Iterator[str]:
    return detail_lines(action) if isinstance(action, PlannedSend) else iter((action_line(action),))


def _opening(plan: Plan) -> Iterator[str]:
    yield f"Target {plan.target} ({plan.account})"
    if plan.selection:
        patterns = escape_text(" ".join(f"--send {shlex.quote(pattern)}" for pattern in plan.selection))
        others = (
            "1 other send is neither checked nor sent"
            if plan.unselected == 1
            else f"{plan.unselected:,} other sends are neither checked nor sent"
        )
        yield f"SELECTION {patterns}: {pluralize(len(plan.sends), 'send')}; {others}"


def _closing(plan: Plan) -> Iterator[str]:
    yield footer(plan)
    again = [send.address for send in plan.sends if send.sign in _SENDING_SIGNS and sends_again(send)]
    if again:
        sends = pluralize(len(again), "send")
        yield f"AGAIN: {sends} will reach recipients of an earlier revision: {_first_names(again)}."
    blockers = blocking_findings(plan)
    errors = [_blocker_name(finding) for finding in blockers if not finding.only_online]
    if errors:
        verb = "blocks" if len(errors) == 1 else "block"
        pronoun = "it is" if len(errors) == 1 else "they are"
        names = [*dict.fromkeys(errors)]
        blocking = f"{pluralize(len(errors), 'error')} {verb} the whole plan"
        yield f"{blocking}; apply sends nothing until {pronoun} fixed: {_first_names(names)}."
    if unlisted := [_blocker_name(finding) for finding in blockers if finding.only_online]:
        yield (
            f"{pluralize(len(unlisted), 'error')} in ids of the vendor: {_first_names(unlisted)}; "
            "apply does not check these ids, and the vendor refuses the requests."
        )
    edits = [f"{finding.address} ({finding.rule})" for finding in edits_of_finished_sends(plan)]
    if edits and not errors:
        others = "; it sends the other sends" if plan.to_send else ""
        yield f"Apply sends nothing of {_first_names(edits)}, and exits 3{others}."
    unknown = [action.address for action in plan.actions if action.sign is Sign.UNKNOWN]
    if unknown and not errors:
        yield f"Apply does not send {_first_names(unknown)}, because the outcome is unknown; it exits 7."
    yield f"Digest: {plan.digest}"


def _blocker_name(finding: Finding) -> str:
    return f"{finding.address or finding.location.file} ({finding.rule})"


def _first_names(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_MAX
    return escape_text(", ".join(names[:_NAMES_MAX])) + (f" and {more:,} more" if more > 0 else "")


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
