"""What became of the sends of one merged pull request: the review that its comment shows."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from sendspec.compare import accepted, is_sent_in_part
from sendspec.due import is_too_early
from sendspec.formatting import first_names, pluralize
from sendspec.model import PlanReason, Sign
from sendspec.plan import blocking_findings, blocks
from sendspec.report.delivery_review import review_deliveries
from sendspec.report.reasons import reason_text
from sendspec.report.review.notices import blocking_notice
from sendspec.report.run_review import RUN_AGAIN, RunReview, RunState, SendResult
from sendspec.report.text import first_apply
from sendspec.rules import ListAbsent
from sendspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sendspec.model import Finding, LedgerState, Plan, PlannedSend, SendRecord
    from sendspec.report.run_failure import RunFailure
    from sendspec.status import TransactionStatus

_NAMES_MAX: Final = 20
_REMOVED: Final = "A later change removed or replaced its sends, or it changed none"
_NEXT: Final = frozenset({Sign.SEND, Sign.RESUME})
_TITLES: Final = {
    RunState.UNKNOWN: "Outcome unknown",
    RunState.DONE: "Sent",
    RunState.WAITING: "Not sent yet",
    RunState.NOTHING: "Nothing to send",
}


def record_name(send: PlannedSend, ledger: LedgerState) -> str | None:
    """Return the address of the record of this revision of a send, None if nothing of it was tried yet."""
    if send.record is None or not send.record.requests or send.record.revision < send.send.revision:
        return None
    return next((name for name in (send.address, *send.moved_from) if name in ledger.sends), None)


def review_merged(
    plan: Plan,
    ledger: LedgerState,
    statuses: Sequence[TransactionStatus],
    sends: Sequence[PlannedSend],
    failure: RunFailure | None,
) -> RunReview:
    """Return what became of `sends` of a plan that was made after the run, from the same ledger.

    An error of the run counts if some of these sends were due and not sent. A list that only this machine
    lacks blocks no send of the run.
    """
    without = {send.address for send in sends if PlanReason.LIST_ABSENT in (send.reason, send.obstacle)}
    sends = [as_with_list(send, plan) for send in sends]
    names = {name for send in sends if (name := record_name(send, ledger)) is not None}
    keys = {(name, ledger.sends[name].revision) for name in names}
    own = [
        status
        for status in statuses
        if (status.transaction.key.address, status.transaction.key.revision) in keys
    ]
    review = review_deliveries(plan.target, ledger, own, names, plan.planned_at, newest_only=True)
    records = [(name, ledger.sends[name]) for name in names]
    times = {
        name if record.revision == 1 else f"{name}@{record.revision}": _accepted_at(record)
        for name, record in records
    }
    rows = tuple(replace(row, at=times[row.address]) for row in review.sends)
    rows += tuple(_untried(send) for send in sends if record_name(send, ledger) is None and send.pending)
    unsent = [send for send in sends if send.pending]
    if failure is not None and not failure.is_about(send.address for send in unsent if is_due(send)):
        failure = None
    state = _state(review.state, unsent, is_failed=failure is not None)
    return replace(
        review,
        state=state,
        headline=_headline(state, rows, unsent, sends),
        sends=rows,
        actions=tuple(dict.fromkeys(_actions(plan, review, unsent, failure, without))),
        later=tuple(_waiting(unsent)),
    )


def is_due(send: PlannedSend) -> bool:
    """Return whether something of a send remains that a run does not put off, so that its error matters."""
    return bool(send.pending) and send.sign is not Sign.WAITING


def review_failure(target: str, failure: RunFailure) -> RunReview:
    """Return the review of a run that failed before it knew the sends."""
    actions = (*failure.messages, *_named(failure.of_sends.values()))
    return RunReview(target, RunState.FAILED, "Not sent: the run failed", actions=actions)


def as_with_list(send: PlannedSend, plan: Plan) -> PlannedSend:
    """Return a send that only its absent list blocks as the plan of a machine with the list has it."""
    if send.reason is PlanReason.LIST_ABSENT:
        if is_too_early(send.send, plan.planned_at):
            return replace(send, sign=Sign.WAITING, reason=PlanReason.TOO_EARLY)
        if is_sent_in_part(send):
            return replace(send, sign=Sign.RESUME, reason=PlanReason.RESUMED)
        return replace(send, sign=Sign.SEND, reason=PlanReason.NEW)
    return replace(send, obstacle=None) if send.obstacle is PlanReason.LIST_ABSENT else send


def review_replaced(target: str, replaced: Mapping[int, Sequence[str]]) -> RunReview:
    """Return the review of a pull request to which no send belongs; `replaced` as in `replaced_lines`."""
    lines = tuple(replaced_lines(replaced)) or (_REMOVED,)
    headline = "Replaced: no send belongs to this pull request now"
    return RunReview(target, RunState.REPLACED, headline, later=lines)


def replaced_lines(replaced: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """Yield which sends belong to later pull requests; `replaced` has their addresses by its number."""
    for number, addresses in sorted(replaced.items()):
        names = first_names(addresses, _NAMES_MAX)
        yield f"{names}: pull request {number} changed the campaign, a list or the settings later"


def _state(ledger_state: RunState, unsent: Sequence[PlannedSend], *, is_failed: bool) -> RunState:
    if ledger_state is RunState.UNKNOWN:
        return ledger_state
    if is_failed or ledger_state is RunState.FAILED or any(_is_stuck(send) for send in unsent):
        return RunState.FAILED
    return RunState.WAITING if unsent else ledger_state


def _is_stuck(send: PlannedSend) -> bool:
    """Return whether no run sends the rest of a send, unless a person changes something."""
    return send.sign not in _NEXT and send.sign is not Sign.WAITING


def _untried(send: PlannedSend) -> SendResult:
    """Return the row of a send of which no request was made."""
    revision = send.send.revision
    return SendResult(
        address=send.address if revision == 1 else f"{send.address}@{revision}",
        asked=None if send.facts is None else send.facts.count,
        accepted=0,
    )


def _headline(
    state: RunState,
    rows: Sequence[SendResult],
    unsent: Sequence[PlannedSend],
    sends: Sequence[PlannedSend],
) -> str:
    took = sum(row.accepted or 0 for row in rows)
    asked = sum(row.asked or 0 for row in rows)
    jobs = sum(len(row.ids) for row in rows)
    parts = [f"{took:,} of {pluralize(asked, 'recipient')} accepted"] if asked else []
    parts += [f"{pluralize(jobs, 'job')} accepted"] if jobs else []
    if any(row.handed is not None for row in rows):
        parts.append(f"{sum(row.handed or 0 for row in rows):,} handed to the carrier")
        parts.append(f"{sum(row.failed or 0 for row in rows):,} not")
        waiting = sum(row.unprocessed for row in rows)
        parts += [f"{waiting:,} not processed yet"] if waiting else []
    elif took:
        parts.append("delivery not reported yet")
    unknown = sum(len(send.unknown) for send in sends)
    parts += [f"{pluralize(unknown, 'request')} unknown"] if unknown else []
    is_part = bool(took or jobs) and state in (RunState.FAILED, RunState.WAITING)
    if is_part and unsent:
        parts.append(f"{pluralize(len(unsent), 'send')} not finished")
    title = "Sent in part" if is_part else _TITLES.get(state, "Not sent")
    campaigns = {send.send.campaign for send in sends}
    name = [*campaigns] if len(campaigns) == 1 else []
    return ": ".join([title, ", ".join([*name, *parts])]) if name or parts else title


def _actions(
    plan: Plan,
    review: RunReview,
    unsent: Sequence[PlannedSend],
    failure: RunFailure | None,
    without: Collection[str],
) -> Iterator[str]:
    """Yield what a person must do, the most serious first."""
    yield from (action for action in review.actions if action != RUN_AGAIN)
    if failure is not None and failure.unrecorded:
        results = pluralize(failure.unrecorded, "result")
        yield f"Read the receipt of the run: the ledger does not have {results} in it"
    left_out = {} if failure is None else failure.of_sends
    if failure is not None:
        yield from failure.messages
        yield from _named(left_out[send.address] for send in unsent if send.address in left_out)
    notice = blocking_notice(plan)
    if notice and unsent:
        yield notice.removesuffix(".")
    errors = [*_errors(plan, unsent)]
    yield from _named(map(_error_text, errors), "more error", "validate")
    named = {finding.address for finding in errors}
    stuck = [send for send in unsent if _is_stuck(send) and send.address not in named]
    yield from _named(f"{send.address}: {reason_text(send)}" for send in stuck)
    if notice:
        return
    again = "Run apply"
    if failure is not None or RUN_AGAIN in review.actions:
        again = "Run apply again after the cause is fixed"
    rest = [send for send in unsent if send.sign in _NEXT and send.address not in left_out]
    if here := [send for send in rest if send.address not in without]:
        yield f"{again}: it sends {_parts(here)}"
    if elsewhere := [send for send in rest if send.address in without]:
        yield f"{again} on a machine that has the lists: it sends {_parts(elsewhere)}"


def _errors(plan: Plan, unsent: Sequence[PlannedSend]) -> Iterator[Finding]:
    """Yield the findings because of which these sends were not sent."""
    addresses = {send.address for send in unsent}
    whole = frozenset(blocking_findings(plan) if unsent else ())
    for finding in plan.findings:
        is_own = finding.address in addresses and finding.rule != ListAbsent.id
        if blocks(finding) and (finding in whole or is_own):
            yield finding


def _error_text(finding: Finding) -> str:
    where = f"{finding.address} ({finding.rule})" if finding.address else f"({finding.rule})"
    hint = f"; {finding.hint}" if finding.hint else ""
    return f"{finding.location.file}:{finding.location.line}: {where}: {finding.message}{hint}"


def _waiting(unsent: Iterable[PlannedSend]) -> Iterator[str]:
    waiting = sorted((send for send in unsent if send.sign is Sign.WAITING), key=_due)
    yield from _named(f"{send.address} {reason_text(send)}" for send in waiting)
    if waiting:
        yield first_apply(len(waiting))


def _due(send: PlannedSend) -> tuple[bool, datetime | None, str]:
    due = send.legal_from or send.send.not_before
    return due is None, due, send.address


def _named(lines: Iterable[str], noun: str = "more send", verb: str = "plan") -> Iterator[str]:
    every = [*lines]
    yield from every[:_NAMES_MAX]
    if len(every) > _NAMES_MAX:
        yield f"{pluralize(len(every) - _NAMES_MAX, noun)}, which `sendspec {verb}` shows"


def _parts(sends: Sequence[PlannedSend]) -> str:
    """Return the names of sends; of those that were sent in part, apply sends only the rest."""
    whole = [send for send in sends if not is_sent_in_part(send)]
    rest = [send for send in sends if is_sent_in_part(send)]
    names = [_names(whole)] if whole else []
    return " and ".join([*names, *([f"the rest of {_names(rest)}"] if rest else [])])


def _names(sends: Sequence[PlannedSend]) -> str:
    return first_names([send.address for send in sends], _NAMES_MAX)


def _accepted_at(record: SendRecord) -> str:
    """Return when the vendor accepted the requests of a revision, in UTC; '' if it accepted none."""
    times = sorted(request.at.astimezone(UTC) for request in accepted(record))
    if not times:
        return ""
    first, last = times[0], times[-1]
    if first.date() != last.date():
        return f"{first:%d %b %H:%M:%S} to {last:%d %b %H:%M:%S}"
    until = "" if f"{first:%H%M%S}" == f"{last:%H%M%S}" else f" to {last:%H:%M:%S}"
    return f"{first:%d %b %H:%M:%S}{until}"
